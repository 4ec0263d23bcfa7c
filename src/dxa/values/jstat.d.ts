/** The few of jStat's distributions that are used; the package has no types of its own. */
declare module 'jstat' {
  type Distributions = {
    readonly normal: {
      inv(p: number, mean: number, sd: number): number;
      cdf(x: number, mean: number, sd: number): number;
    };
    readonly chisquare: { inv(p: number, df: number): number };
  };
  const jstat: { readonly jStat: Distributions };
  export default jstat;
}
