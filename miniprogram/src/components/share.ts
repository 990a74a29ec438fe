// Cards that are sent to a chat. Whoever the chat is with sees them, so they say
// nothing of a matter or of people: a card without a picture of its own would show
// what is on the screen, and one without a title its heading.

const imageUrl = '/static/share.png'

/** The card of the program itself. */
export const programCard = () => ({ title: '言路：委员建言，件件有回音', path: '/pages/home/index', imageUrl })

/** The card of one matter, which opens for whoever may see it, as those who are asked to sign it. */
export const matterCard = (label: string, kind: string, id: string) => ({ title: `请您看看一件${label}`, path: `/pages/matter/index?kind=${kind}&id=${id}`, imageUrl })
