import type { Values } from '@/forms/form'

/** A picture or file of a draft. Its content lies in the keep until it has arrived. */
export interface KeptFile {
  /** In the keep; empty where only the server has it. */
  name: string
  label: string
  picture: boolean
  size: number
  /** Under which it is uploaded, however often that takes. */
  key: string
  attachment?: string
  /** Where the server shows it small. */
  url?: string
  uploadedAt?: number
}

/** A request whose outcome is not known yet: it is sent again exactly as it was. */
export interface Pending {
  act: 'save' | 'send'
  path: string
  body: Values
  key: string
  revision: number
}

export interface Trouble {
  words: string
  fields: Record<string, string>
}

export interface Saved {
  id: string
  version: number
  /** Of the draft, which the server has. */
  revision: number
  savable: boolean
  /** What else the server offers to do with it. */
  more: { name: string; label: string }[]
}

/** What somebody is writing, up to the moment when the server has it. */
export interface Draft {
  id: string
  kind: string
  person: string
  values: Values
  files: Record<string, KeptFile[]>
  /** Grows with each change. */
  revision: number
  changedAt: number
  /** The matter that it is on the server. */
  saved?: Saved
  pending?: Pending
  /** Handed in: it goes by itself as soon as it can. */
  handed?: { attempt: number; at: number }
  trouble?: Trouble
}

const filled = (value: unknown) => (Array.isArray(value) ? value.length > 0 : value !== undefined && value !== null && value !== '' && value !== false)

export const isBlank = (d: Draft) => !Object.values(d.values).some(filled) && !Object.values(d.files).some(filled)

/** Whether the server has all of it. */
export const isSaved = (d: Draft) => d.saved?.revision === d.revision && !d.pending

export const titleOf = (d: Draft) => String(d.values.title ?? '').trim() || '（还没有标题）'
