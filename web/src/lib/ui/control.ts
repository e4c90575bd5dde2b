/** The look that text inputs, areas and select triggers share. */
export const control =
  'w-full min-w-0 rounded-lg border border-line-strong bg-raised px-3 text-base text-ink transition-colors duration-150 ' +
  'hover:border-ink-faint focus-visible:border-accent focus-visible:outline-1 focus-visible:outline-offset-0 ' +
  'disabled:opacity-55 aria-invalid:border-danger [&:is(input,textarea):read-only]:bg-muted';
