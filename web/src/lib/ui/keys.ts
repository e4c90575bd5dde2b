import { m } from '#lib/paraglide/messages.js';

/** Whether this is an Apple keyboard, where the command key is the modifier. */
export function isApple(platform: string = globalThis.navigator?.platform ?? ''): boolean {
  return /mac|iphone|ipad/i.test(platform);
}

/** The caps to show for a shortcut such as "mod+shift+o". */
export function keyNames(shortcut: string, apple: boolean = isApple()): string[] {
  const names: Record<string, string> = {
    mod: apple ? '⌘' : m.key_ctrl(),
    shift: apple ? '⇧' : m.key_shift(),
    alt: apple ? '⌥' : 'Alt',
    enter: '↵',
    escape: m.key_escape(),
    delete: apple ? '⌦' : m.key_delete(),
    backspace: '⌫',
    up: '↑',
    down: '↓',
  };
  return shortcut.split('+').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key));
}

/**
 * Whether a key event is the shortcut. Letters are compared by what they type, so other keyboard layouts work;
 * shift is ignored for signs such as "?" that need it.
 */
export function matches(event: KeyboardEvent, shortcut: string, apple: boolean = isApple()): boolean {
  const parts = shortcut.split('+');
  const key = parts.at(-1) ?? '';
  const mod = apple ? event.metaKey : event.ctrlKey;
  const other = apple ? event.ctrlKey : event.metaKey;
  const sign = key.length === 1 && !/[a-z0-9]/i.test(key);
  return (
    event.key.toLowerCase() === key &&
    mod === parts.includes('mod') &&
    !other &&
    event.altKey === parts.includes('alt') &&
    (sign || event.shiftKey === parts.includes('shift'))
  );
}

/** Whether typing goes into a field, where plain letters must not act as shortcuts. */
export function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName)) &&
    !target.matches('[type=checkbox],[type=radio],[type=button],[readonly]')
  );
}
