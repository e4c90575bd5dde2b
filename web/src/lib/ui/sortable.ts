import type { Attachment } from 'svelte/attachments';

/** A list with one item taken out and put before or after another. */
export function reordered<Id>(ids: readonly Id[], moved: Id, target: Id, after: boolean): Id[] {
  if (moved === target) return [...ids];
  const rest = ids.filter((id) => id !== moved);
  const at = rest.indexOf(target);
  return at < 0 ? [...ids] : [...rest.slice(0, at + (after ? 1 : 0)), moved, ...rest.slice(at + (after ? 1 : 0))];
}

type Sortable = {
  /** Names the list, so that nothing from another one is dropped here. */
  list: string;
  id: string;
  ondrop: (moved: string, after: boolean) => void;
  /** Where the dragged item would go now. */
  onedge: (edge: 'top' | 'bottom' | null) => void;
};

/** Makes a row of a list draggable, and a place to drop the others on. */
export const sortable = ({ list, id, ondrop, onedge }: Sortable): Attachment<HTMLElement> => {
  return (element) => {
    let stop: (() => void)[] = [];
    let gone = false;
    void import('./sortable-parts').then(
      ({ draggable, dropTargetForElements, attachClosestEdge, extractClosestEdge }) => {
        if (gone) return;
        const edgeOf = (data: Record<string | symbol, unknown>) => extractClosestEdge(data) as 'top' | 'bottom' | null;
        stop = [
          draggable({ element, getInitialData: () => ({ list, id }) }),
          dropTargetForElements({
            element,
            canDrop: ({ source }) => source.data.list === list && source.data.id !== id,
            getData: ({ input, element: target }) =>
              attachClosestEdge({ id }, { input, element: target, allowedEdges: ['top', 'bottom'] }),
            onDrag: ({ self }) => onedge(edgeOf(self.data)),
            onDragLeave: () => onedge(null),
            onDrop: ({ self, source }) => {
              onedge(null);
              ondrop(String(source.data.id), edgeOf(self.data) === 'bottom');
            },
          }),
        ];
      },
    );
    return () => {
      gone = true;
      for (const each of stop) each();
    };
  };
};
