/** Adds days to a date "YYYYMMDD"; UTC throughout, so that no time zone of the machine plays a part. */
export function addDays(date: string, days: number): string {
  const [year, month, day] = [date.slice(0, 4), date.slice(4, 6), date.slice(6, 8)].map(Number);
  const moved = new Date(Date.UTC(year ?? 0, (month ?? 1) - 1, (day ?? 1) + days));
  return moved.toISOString().slice(0, 10).replaceAll('-', '');
}

/** Full years from one date "YYYYMMDD" to another. */
export function yearsBetween(birth: string, date: string): number {
  const years = Number(date.slice(0, 4)) - Number(birth.slice(0, 4));
  return date.slice(4) < birth.slice(4) ? years - 1 : years;
}
