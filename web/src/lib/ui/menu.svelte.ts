import { whenIdle } from './idle';

type Parts = (typeof import('./menu-parts'))['DropdownMenu'];

let parts = $state.raw<Parts>();

/** The parts of menus, undefined until they are loaded. */
export function menuParts(): Parts | undefined {
  return parts;
}

/** Loads the parts of menus. */
export async function loadMenu(): Promise<void> {
  parts ??= (await import('./menu-parts')).DropdownMenu;
}

whenIdle(() => void loadMenu());
