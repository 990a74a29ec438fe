import { reactive } from 'vue'

// People of whom the program has heard: a draft keeps whom it names by their
// identifiers alone.
const names = reactive<Record<string, string>>({})

export function knowNames(people: { value: string; label: string }[]) {
  for (const p of people) if (p.value) names[p.value] = p.label
}

export const nameOf = (id: string): string | undefined => names[id]
