/** Of which kind something is, and its number; a number that says the kind already says it once. */
export const numbered = (kind: string, number?: string): string => (number?.startsWith(kind) ? number : [kind, number].filter(Boolean).join(' · '))
