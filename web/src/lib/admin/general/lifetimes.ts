import { m } from '#lib/paraglide/messages.js';

/** How long a sign-in may last, with the present value among the choices when it is none of them. */
export function lifetimeOptions(present: string): { value: string; label: string }[] {
  const options = [
    { value: '1d', label: m.lifetime_day() },
    { value: '1w', label: m.lifetime_week() },
    { value: '4w', label: m.lifetime_month() },
    { value: '26w', label: m.lifetime_half_year() },
    { value: '-1', label: m.lifetime_never() },
  ];
  return options.some((option) => option.value === present)
    ? options
    : [{ value: present, label: present }, ...options];
}
