/** A column of a table. Without a visible label, `hidden` names it for screen readers. */
export type Column = { key: string; label: string; hidden?: string; sortable?: boolean; class?: string };

export type Sort = { key: string; direction: 'asc' | 'desc' };
