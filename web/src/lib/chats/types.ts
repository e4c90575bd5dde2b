/** A chat as the contract stores it: messages by id, each knowing its parent and children, and the end of the shown branch. */
export interface History {
  messages: Record<string, Message>;
  currentId: string | null;
}

export type Role = 'user' | 'assistant' | 'system';

/** A file on a message; an image carries the address its content is read from. */
export interface MessageFile {
  type: string;
  url: string;
  id?: string;
  name?: string;
}

export interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
  [key: string]: unknown;
}

/** The last attempt at an answer to a message. */
export interface Run {
  task_id: string;
  attempt: number;
  state?: string;
}

export interface Message {
  id: string;
  parentId: string | null;
  childrenIds: string[];
  role: Role;
  content: string;
  /** Seconds since the epoch. */
  timestamp: number;
  model?: string;
  modelName?: string;
  models?: string[];
  files?: MessageFile[];
  done?: boolean;
  error?: { content?: string } | string | boolean | null;
  usage?: Usage | null;
  reasoning_content?: string | null;
  /** Seconds. */
  reasoning_duration?: number | null;
  run?: Run | null;
  /** Seconds. */
  timing?: { first_token?: number; total?: number } | null;
}

/** A message as the server composes it while its answer may still be running. Lengths are UTF-16 code units. */
export interface ComposedMessage extends Message {
  length: number;
  reasoning_length: number;
  seq: number;
  running: boolean;
}

export interface Chat {
  id: string;
  title: string;
  chat: { title?: string; models?: string[]; history: History; [key: string]: unknown };
  updated_at: number;
  created_at: number;
  archived?: boolean;
  pinned?: boolean | null;
  folder_id?: string | null;
}
