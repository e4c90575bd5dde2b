import type { Dragged } from './drag.ts';
import { moveFolder } from './folder-queries.ts';
import type { Section } from './lines.ts';
import { folderOf } from './lists.ts';
import { moveChats, pinChats } from './places.ts';

/** What may be dropped on a part of the list, and that it goes there: to the pinned, out of a folder, to the top. */
export function dropsOn(section: Section) {
  return {
    accepts: (dragged: Dragged) => (section === 'folders') === (dragged.kind === 'folder'),
    ondrop(dragged: Dragged): void {
      if (dragged.kind === 'folder') void moveFolder(dragged.id, null);
      else if (section === 'pinned') void pinChats(dragged.ids, true);
      else {
        void pinChats(dragged.ids, false);
        void moveChats(
          dragged.ids.filter((id) => folderOf(id) !== null),
          null,
        );
      }
    },
  };
}
