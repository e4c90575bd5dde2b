import type { Params } from '#lib/models/params.ts';
import type { Status } from '#lib/realtime/events.ts';
import type { MessageSource } from './citations/sources.ts';

/** A chat as the contract stores it: messages by id, each knowing its parent and children, and the end of the shown branch. */
export interface History {
  messages: Record<string, Message>;
  currentId: string | null;
}

export type Role = 'user' | 'assistant' | 'system';

/**
 * What is attached to a message: an image, with the address its content is read from; a `file`; a `collection`, which is a
 * knowledge base; a `chat`; a `text`, which is a web page that was read into the collection `collection_name`.
 */
export interface MessageFile {
  type: string;
  url?: string;
  id?: string;
  name?: string;
  collection_name?: string;
  /** `full`: the model reads all of it, rather than the passages that fit the question. */
  context?: 'full';
  /** Bytes. */
  size?: number;
}

/** What is done for an answer beside asking the model. */
export interface Features {
  web_search?: boolean;
  /** Draws on what the person asked to be remembered. */
  memory?: boolean;
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

/** A tool that the model asked for, as OpenAI's protocol has it. */
export interface ToolCall {
  id?: string;
  function?: { name?: string; arguments?: string };
  /** What the tool answered, where one ran. */
  result?: unknown;
}

/** How a person judged an answer: 1 is good, -1 is not. */
export interface Annotation {
  rating?: 1 | -1;
  reason?: string;
  comment?: string;
  [key: string]: unknown;
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
  /** Of a question: the models it was asked of. */
  models?: string[];
  /** Of an answer to several models: the place of its model among them. */
  modelIdx?: number;
  /** Of an answer put together from others: their ids. */
  merged_from?: string[];
  files?: MessageFile[];
  /** Of a question: what its answers are to do. */
  features?: Features;
  /** What the answer drew on. */
  sources?: MessageSource[];
  /** What was done before the answer came. */
  statusHistory?: Status[];
  done?: boolean;
  error?: { content?: string } | string | boolean | null;
  usage?: Usage | null;
  reasoning_content?: string | null;
  /** Seconds. */
  reasoning_duration?: number | null;
  run?: Run | null;
  /** Seconds. */
  timing?: { first_token?: number; total?: number } | null;
  tool_calls?: ToolCall[] | null;
  followUps?: string[];
  annotation?: Annotation | null;
  feedbackId?: string;
  /** Whom an arena model drew by lot; hidden until the answer is rated. */
  selectedModelId?: string;
  /** What the oldest turns were shortened to, because the conversation had grown too long for the model. */
  context_summary?: { text?: string; covers?: number } | null;
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
  chat: { title?: string; models?: string[]; params?: Params; history: History; [key: string]: unknown };
  updated_at: number;
  created_at: number;
  archived?: boolean;
  pinned?: boolean | null;
  folder_id?: string | null;
}
