import type { Folder } from './folders.ts';
import type { ChatHead } from './grouping.ts';

/** What a dialog of the list is open for; each is loaded when it is first opened. */
type Dialogs = {
  share?: ChatHead | undefined;
  export?: ChatHead | undefined;
  tags?: ChatHead | undefined;
  /** Chats to be put into a folder. */
  move?: string[] | undefined;
  /** A folder to be put into another. */
  moveFolder?: Folder | undefined;
  /** A folder to be changed, or the one that a new folder goes into. */
  folder?: { folder?: Folder; parent?: string | null } | undefined;
  deleteFolder?: Folder | undefined;
};

export const dialogs = $state<Dialogs>({});

/** Whether any of them is open. */
export function anyDialog(): boolean {
  return Object.values(dialogs).some((each) => each !== undefined);
}
