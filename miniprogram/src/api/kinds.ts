import type { components } from './schema'

type Schemas = components['schemas']
export type Matter = Schemas['SuggestionView'] | Schemas['OpinionView'] | Schemas['ProposalView']

/** The kinds of matters and where each of them lives; the tail of all has a place of its own. */
export const kinds = {
  suggestion: { base: '/v1/suggestions', one: '/v1/suggestions/{id}', table: '/v1/suggestions/export', label: '微建议', hint: '随手反映' },
  opinion: { base: '/v1/opinions', one: '/v1/opinions/{id}', table: '/v1/opinions/export', label: '社情民意', hint: '专题反映' },
  proposal: { base: '/v1/proposals', one: '/v1/proposals/{id}', table: '/v1/proposals/export', label: '提案', hint: '一事一案' },
} as const

export type Kind = keyof typeof kinds

export const isKind = (name: string | undefined): name is Kind => name !== undefined && name in kinds

/** The route of a flow, to which "/{id}/{action}" is added. */
export const baseOf = (flow: string): string => (isKind(flow) ? kinds[flow].base : `/v1/${flow}s`)
