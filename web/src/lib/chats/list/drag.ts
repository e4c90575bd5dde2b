import type { Attachment } from 'svelte/attachments';
import { whenIdle } from '#lib/ui/idle.ts';

/** What is being dragged: chats, or a folder. */
export type Dragged = { kind: 'chats'; ids: string[] } | { kind: 'folder'; id: string };

type Parts = typeof import('./drag-parts.ts');

let parts: Promise<Parts> | undefined;

function load(): Promise<Parts> {
  return (parts ??= new Promise<Parts>((done) => whenIdle(() => done(import('./drag-parts.ts')))));
}

/** Attaches something once dragging has been loaded, and takes it off with the element. */
function late(attach: (element: HTMLElement, parts: Parts) => () => void): Attachment<HTMLElement> {
  return (element) => {
    let stop: (() => void) | undefined;
    let gone = false;
    void load().then((loaded) => {
      if (!gone) stop = attach(element, loaded);
    });
    return () => {
      gone = true;
      stop?.();
    };
  };
}

/** Makes an element draggable with the mouse; menus offer the same by keyboard. */
export const draggable = (data: () => Dragged): Attachment<HTMLElement> =>
  late((element, parts) => parts.draggable({ element, getInitialData: () => data() }));

export type Target = {
  accepts: (dragged: Dragged) => boolean;
  ondrop: (dragged: Dragged) => void;
  onover: (over: boolean) => void;
};

/** Makes an element a place to drop on. */
export const dropTarget = ({ accepts, ondrop, onover }: Target): Attachment<HTMLElement> =>
  late((element, parts) =>
    parts.dropTargetForElements({
      element,
      canDrop: ({ source }) => accepts(source.data as Dragged),
      onDragEnter: ({ location }) => onover(location.current.dropTargets[0]?.element === element),
      onDropTargetChange: ({ location }) => onover(location.current.dropTargets[0]?.element === element),
      onDragLeave: () => onover(false),
      onDrop: ({ source, location }) => {
        onover(false);
        if (location.current.dropTargets[0]?.element === element) ondrop(source.data as Dragged);
      },
    }),
  );
