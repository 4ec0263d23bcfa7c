/** Writes a whole number of 10^-decimals as decimal text: (985, 3) = "0.985". */
export function fixed(units: number, decimals: number): string {
  const digits = String(Math.abs(units)).padStart(decimals + 1, '0');
  const cut = digits.length - decimals;
  const text = decimals === 0 ? digits : `${digits.slice(0, cut)}.${digits.slice(cut)}`;
  return units < 0 ? `-${text}` : text;
}
