/** Tones of a state: who has to do something, and how it ended. */
export type Tone = 'wait' | 'doing' | 'done' | 'stop' | 'alarm'

const tones: Record<string, Tone> = {
  DRAFT: 'stop',
  RETURNED: 'wait',
  COSIGNING: 'wait',
  REPLIED: 'done',
  CLOSED: 'done',
  ARCHIVED: 'done',
  REJECTED: 'stop',
  NOT_FILED: 'stop',
  WITHDRAWN: 'stop',
  REVOKED: 'stop',
  KEPT_ON_FILE: 'stop',
  MERGED: 'stop',
  CONVERTED: 'stop',
  UNSATISFIED: 'alarm',
}

/** A state that is not named here is one in which somebody is at work. */
export const toneOf = (status: string): Tone => tones[status] ?? 'doing'

const risks: Record<string, Tone> = { OVERDUE: 'alarm', TODAY: 'wait', SOON: 'wait' }

export const toneOfRisk = (risk?: string): Tone => risks[risk ?? ''] ?? 'doing'
