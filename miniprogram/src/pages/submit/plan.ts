import type { FormField, Values } from '@/forms/form'
import { keyOf, type Body, type HandsIn } from '@/session'

/** A card of fields under a heading. */
export interface Part {
  title: string
  fields: string[]
  /** Few need it: it is shown when it is asked for. */
  folded?: boolean
}

// What one writes comes first, then what one chooses. A kind that has no plan is
// one screen, and a field that no plan names comes last.
const plans: Record<string, Part[][]> = {
  opinion: [
    [{ title: '', fields: ['title', 'situation', 'analysis', 'advice'] }],
    [
      { title: '归类', fields: ['category', 'urgency', 'confidentiality'] },
      { title: '和谁一起', fields: ['co_author_ids', 'pictures'] },
      { title: '以集体名义提交', fields: ['body_kind', 'body_unit_id', 'body_name'], folded: true },
    ],
  ],
  proposal: [
    [{ title: '', fields: ['title', 'situation', 'analysis', 'advice'] }],
    [
      { title: '归类', fields: ['category', 'units_wish', 'public'] },
      { title: '谁提出', fields: ['proposer', 'body_name', 'seal', 'co_author_ids'] },
      { title: '提交给哪一级', fields: ['collection_id'], folded: true },
    ],
  ],
}

export interface Card {
  title: string
  folded: boolean
  fields: FormField[]
}

/** The steps in which a form is filled in. */
export function stepsOf(kind: string, fields: FormField[]): Card[][] {
  const plan = plans[kind]
  if (!plan) return [[{ title: '', folded: false, fields }]]
  const named = new Set(plan.flat().flatMap((p) => p.fields))
  const steps = plan.map((parts) =>
    parts.map(({ title, folded, fields: names }) => ({
      title,
      folded: Boolean(folded),
      fields: names.flatMap((name) => fields.filter((f) => f.name === name)),
    })),
  )
  const rest = fields.filter((f) => !named.has(f.name))
  steps[steps.length - 1].push({ title: '其他', folded: false, fields: rest })
  return steps.map((cards) => cards.filter((c) => c.fields.length > 0))
}

const naming = ['proposer', 'body_kind', 'body_unit_id', 'body_name']

/** The fields that name a body, filled in for one; of a form that asks for none there are none. */
export function namesOf(fields: FormField[], b: Body): Values {
  if (fields.some((f) => f.name === 'proposer')) return { proposer: b.kind, body_name: b.name }
  if (!fields.some((f) => f.name === 'body_kind')) return {}
  return b.unit_id ? { body_kind: b.kind, body_unit_id: b.unit_id } : { body_kind: b.kind, body_name: b.name }
}

/** For which body somebody hands in who does so for bodies alone: the one that is wanted, that is written already, or their only one. Undefined: they choose themselves. */
export function standsFor(h: HandsIn | undefined, values: Values, wanted?: string): Body | undefined {
  if (!h || h.own || h.on_behalf) return undefined
  const is = (key: unknown) => h.bodies.find((b) => keyOf(b) === key || b.name === key)
  return is(wanted) ?? is(values.body_unit_id) ?? is(values.body_name) ?? (h.bodies.length === 1 ? h.bodies[0] : undefined)
}

/** The fields that are left to fill in: who hands in for one body, or for none, is not asked for which. */
export function leftOf(fields: FormField[], h: HandsIn | undefined, body: Body | undefined): FormField[] {
  const alone = h !== undefined && !h.on_behalf && h.bodies.length + h.any_body.length === 0
  // Who writes neither for themselves nor for a body does so for a member, whom they name.
  const always = h !== undefined && h.on_behalf && !h.own && h.bodies.length + h.any_body.length === 0
  return fields
    .filter((f) => (!naming.includes(f.name) || !(body || alone)) && (f.name !== 'on_behalf_of' || h?.on_behalf))
    .map((f) => (f.name === 'on_behalf_of' && always ? { ...f, required: true } : f))
}

/** What is open to somebody of the lists that say in whose name something is: themselves, if they may, and the kinds of their bodies. For whom one hands in may have others. */
export function openTo(h: HandsIn | undefined): Record<string, string[]> {
  if (!h || h.on_behalf) return {}
  const kinds = [...h.bodies.map((b) => b.kind), ...h.any_body]
  return { body_kind: kinds, proposer: [...(h.own ? ['INDIVIDUAL', 'JOINT'] : []), ...kinds] }
}

/** What one sees in an empty field, and beside one in which one chooses. */
export const hints: Record<string, Record<string, string>> = {
  suggestion: { title: '一句话说清是什么事', body: '情况怎样？您建议怎么办？', place: '例如：人民路中段', co_author_ids: '逐一征求本人同意' },
  opinion: {
    title: '例如：关于改善农村留守老人取药的建议',
    situation: '反映什么问题，哪里、多少、有什么例子',
    analysis: '原因在哪里',
    advice: '怎么办，由谁办',
    body_name: '写全称',
    urgency: '不选为一般；急事会优先登记',
    confidentiality: '不选为内部；涉密的内容请勿写在这里',
    co_author_ids: '提交后逐一征求本人同意',
  },
  proposal: {
    title: '例如：关于改善城乡公交衔接的建议',
    situation: '问题在哪里，现在怎么样；写上地点、数字或例子',
    analysis: '为什么会这样',
    advice: '由谁、做什么、最好到什么程度',
    proposer: '不选是个人提案，选了联名人是联名提案',
    seal: '盖章或召集人签名的那一页，拍照即可',
    co_author_ids: '可以先征求同意再提交，也可以提交后再征求',
    collection_id: '不选是提交给本级政协',
    public: '立案后，可以向全体委员公开提案和答复',
    units_wish: '您认为适合由哪个单位办',
    body_name: '写全称',
  },
}
