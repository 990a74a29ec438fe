/** All pages of a list that is short by nature, or that is ordered as a whole. */
export async function allOf<T>(page: (after?: string) => Promise<{ items: T[]; next?: string }>): Promise<T[]> {
  const items: T[] = []
  let after: string | undefined
  do {
    const p = await page(after)
    items.push(...p.items)
    after = p.next
  } while (after)
  return items
}
