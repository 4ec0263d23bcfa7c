/**
 * Lets bytes into memory up to a sum, first come first served: many large files at a time would need more of it than a
 * process is given. Something larger than the whole budget comes in alone. Resolves with what gives its part back.
 */
export function openByteBudget(total: number): (bytes: number) => Promise<() => void> {
  type Waiting = { readonly bytes: number; readonly enter: () => void };
  const waiting: Waiting[] = [];
  let used = 0;

  const fits = (bytes: number) => used === 0 || used + bytes <= total;
  const admit = () => {
    for (let next = waiting[0]; next !== undefined && fits(next.bytes); next = waiting[0]) {
      waiting.shift();
      used += next.bytes;
      next.enter();
    }
  };
  return async (bytes) => {
    await new Promise<void>((enter) => {
      waiting.push({ bytes, enter });
      admit();
    });
    let open = true;
    return () => {
      if (open) used -= bytes;
      open = false;
      admit();
    };
  };
}
