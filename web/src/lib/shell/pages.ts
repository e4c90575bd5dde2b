import { resolve } from '$app/paths';
import { m } from '#lib/paraglide/messages.js';

/** A page of settings, with words that find it. */
export type SettingsPage = { href: string; label: string; purpose: string; keywords: string[]; admin: boolean };

/** The pages of settings that this person may open. `keywords` name every field, so that one search finds them all. */
export function pages(admin: boolean): SettingsPage[] {
  const all: SettingsPage[] = [
    {
      href: resolve('settings/account'),
      label: m.settings_account(),
      purpose: m.settings_account_purpose(),
      keywords: [m.account_name(), m.account_picture(), m.account_email()],
      admin: false,
    },
    {
      href: resolve('settings/appearance'),
      label: m.settings_appearance(),
      purpose: m.settings_appearance_purpose(),
      keywords: [m.appearance_theme(), m.theme_light(), m.theme_dark()],
      admin: false,
    },
    {
      href: resolve('settings/security'),
      label: m.settings_security(),
      purpose: m.settings_security_purpose(),
      keywords: [m.security_password(), m.security_api_key(), m.security_sessions(), m.security_sign_out_all()],
      admin: false,
    },
    {
      href: resolve('admin/users'),
      label: m.admin_users(),
      purpose: m.admin_users_purpose(),
      keywords: [m.users_role(), m.users_add()],
      admin: true,
    },
    {
      href: resolve('admin/connections'),
      label: m.admin_connections(),
      purpose: m.admin_connections_purpose(),
      keywords: ['OpenAI', 'Bedrock', m.connections_url(), m.connections_key()],
      admin: true,
    },
    {
      href: resolve('admin/general'),
      label: m.admin_general(),
      purpose: m.admin_general_purpose(),
      keywords: [m.general_signup(), m.general_role(), m.general_lifetime(), m.general_api_keys(), m.general_pending()],
      admin: true,
    },
  ];
  return all.filter((page) => admin || !page.admin);
}
