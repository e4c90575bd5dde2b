/** A message among its alternatives. */
export interface Siblings {
  ids: string[];
  index: number;
}
