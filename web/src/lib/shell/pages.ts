import { resolve } from '$app/paths';
import { m } from '#lib/paraglide/messages.js';

/** A page beside the chats and the settings. */
export type Place = { href: string; label: string; keywords: string[]; admin: boolean };

/** The pages beside chats and settings that this person may open. */
export function places(admin: boolean): Place[] {
  const all: Place[] = [
    { href: resolve('workspace/models'), label: m.workspace_models(), keywords: [m.workspace()], admin: false },
    { href: resolve('workspace/prompts'), label: m.workspace_prompts(), keywords: [m.workspace()], admin: false },
    {
      href: resolve('workspace/knowledge'),
      label: m.workspace_knowledge(),
      keywords: [m.workspace(), m.knowledge_new()],
      admin: false,
    },
    {
      href: resolve('workspace/files'),
      label: m.workspace_files(),
      keywords: [m.workspace(), m.files_upload()],
      admin: false,
    },
    { href: resolve('playground'), label: m.playground(), keywords: [m.playground_completion()], admin: true },
  ];
  return all.filter((place) => admin || !place.admin);
}

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
      href: resolve('settings/chats'),
      label: m.settings_chats(),
      purpose: m.settings_chats_purpose(),
      keywords: [m.settings_default_models(), m.settings_autocomplete(), m.settings_notify()],
      admin: false,
    },
    {
      href: resolve('settings/appearance'),
      label: m.settings_appearance(),
      purpose: m.settings_appearance_purpose(),
      keywords: [m.appearance_theme(), m.theme_light(), m.theme_dark(), m.language()],
      admin: false,
    },
    {
      href: resolve('settings/memories'),
      label: m.settings_memories(),
      purpose: m.settings_memories_purpose(),
      keywords: [m.memories_use(), m.memories_add()],
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
      href: resolve('settings/data'),
      label: m.settings_data(),
      purpose: m.settings_data_purpose(),
      keywords: [m.import_title(), m.export_all(), m.archive_all(), m.delete_all()],
      admin: false,
    },
    {
      href: resolve('settings/archived'),
      label: m.settings_archived(),
      purpose: m.settings_archived_purpose(),
      keywords: [m.chats_archive()],
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
      href: resolve('admin/models'),
      label: m.admin_models(),
      purpose: m.admin_models_purpose(),
      keywords: [m.models_default(), m.model_hidden()],
      admin: true,
    },
    {
      href: resolve('admin/ollama'),
      label: m.admin_ollama(),
      purpose: m.admin_ollama_purpose(),
      keywords: [m.ollama_add(), m.pull(), m.ollama_weight()],
      admin: true,
    },
    {
      href: resolve('admin/documents'),
      label: m.admin_documents(),
      purpose: m.admin_documents_purpose(),
      keywords: [m.extraction(), m.split(), m.embedding(), m.search_title(), m.reranker(), m.template(), m.limits()],
      admin: true,
    },
    {
      href: resolve('admin/web-search'),
      label: m.admin_web_search(),
      purpose: m.admin_web_search_purpose(),
      keywords: [m.web_engine(), m.web_domains(), m.web_loader()],
      admin: true,
    },
    {
      href: resolve('admin/ingestion'),
      label: m.admin_ingestion(),
      purpose: m.admin_ingestion_purpose(),
      keywords: [m.ingestion_failures(), m.ingestion_queued(), m.ingestion_rejected()],
      admin: true,
    },
    {
      href: resolve('admin/interface'),
      label: m.admin_interface(),
      purpose: m.admin_interface_purpose(),
      keywords: [m.interface_banners(), m.interface_suggestions(), m.interface_tasks(), m.task_title(), m.task_tags()],
      admin: true,
    },
    {
      href: resolve('admin/evaluations'),
      label: m.admin_evaluations(),
      purpose: m.admin_evaluations_purpose(),
      keywords: [m.leaderboard(), m.feedback(), m.arena()],
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
