import type { FormField, Values } from '@/forms/form'

/** What a dialogue asks for, and what is done with the answer. */
export interface Dialogue {
  title: string
  /** What the button says. */
  label: string
  fields: FormField[]
  values?: Values
  /** What one should know before. */
  note?: string
  danger?: boolean
  run(body: Values, key: string): Promise<unknown>
}

type Rest = Partial<Omit<FormField, 'name' | 'label' | 'widget'>>

/** A field of an own form of the desk; what it may hold the server says in the end. */
export const field = (name: string, label: string, widget: string, rest: Rest = {}): FormField => ({ name, label, widget, required: false, ...rest })

export const text = (name: string, label: string, max: number, rest: Rest = {}) => field(name, label, 'text', { max, ...rest })
export const due = (f: FormField): FormField => ({ ...f, required: true })
