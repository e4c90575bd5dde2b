/** Where a model stands; `history` has its rating at the end of each day with comparisons. */
export type Standing = {
  model_id: string;
  rating: number | null;
  won: number;
  lost: number;
  up: number;
  down: number;
  history: { day: string; rating: number }[];
};

/** How many models a plot can show and still be read. */
export const MOST = 6;

/** A day of the plot, with the rating of each model as it was then. */
export type Point = { day: Date } & Record<string, Date | number>;

/** The days of the best models' ratings; between two comparisons a rating stays what it was. */
export function points(models: readonly Standing[]): Point[] {
  const shown = models.filter((model) => model.history.length).slice(0, MOST);
  const days = [...new Set(shown.flatMap((model) => model.history.map(({ day }) => day)))].sort();
  return days.map((day) => {
    const point: Point = { day: new Date(`${day}T00:00:00Z`) } as Point;
    for (const { model_id, history } of shown) {
      const last = history.filter((each) => each.day <= day).at(-1);
      if (last) point[model_id] = last.rating;
    }
    return point;
  });
}

/** The share of comparisons won, from 0 to 1; undefined without any. */
export function share({ won, lost }: Pick<Standing, 'won' | 'lost'>): number | undefined {
  return won + lost ? won / (won + lost) : undefined;
}
