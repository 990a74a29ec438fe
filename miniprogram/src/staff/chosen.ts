import { shallowRef } from 'vue'
import type { components } from '@/api'

export type Task = components['schemas']['TaskView']

/** What of a task is acted on. */
export interface Chosen {
  kind: string
  matter: string
  assignment?: string
  title: string
}

export const keyOf = (t: Task) => t.assignment_id ?? t.matter_id

/** Those that were chosen in a list, for the page on which they are done together. */
export const chosen = shallowRef<Chosen[]>([])

export function choose(tasks: Task[]) {
  chosen.value = tasks.map((t) => ({ kind: t.kind, matter: t.matter_id, assignment: t.assignment_id, title: t.title }))
}
