import { m } from '#lib/paraglide/messages.js';

/** The roles with what they mean. */
export function roleOptions(): { value: string; label: string; hint: string }[] {
  return [
    { value: 'user', label: m.role_user(), hint: m.role_user_hint() },
    { value: 'admin', label: m.role_admin(), hint: m.role_admin_hint() },
    { value: 'pending', label: m.role_pending(), hint: m.role_pending_hint() },
  ];
}

/** A role in words. */
export function roleName(role: string): string {
  return roleOptions().find((option) => option.value === role)?.label ?? role;
}
