package proposal

import (
	"slices"

	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
	"yanlu/internal/workflow"
)

// Detail is what this kind keeps of one proposal.
type Detail struct {
	Own          Proposal
	Collection   *Collection // nil: it belongs to none
	Term         int         // ordinal of the term of an own session
	Text         Text
	Before       []Text // the versions before, the newest first
	Reviews      []Review
	Translations []Translation
	Marks        []Mark
	Supervisions []SupervisionTask

	rows  []Proposal
	texts []Text
	of    []collectionRow
}

type collectionRow struct {
	Collection
	Ordinal *int
}

// shown is how many of each are shown: the newest.
const shown = 50

// Load adds the queries for a proposal's own rows to a batch. Finish completes them
// after it has run.
func Load(b *store.Batch, id string) *Detail {
	d := &Detail{}
	store.Read(b, &d.rows, "SELECT * FROM proposals WHERE matter_id = ?", id)
	store.Read(b, &d.of, `SELECT c.*, t.ordinal FROM collections c LEFT JOIN terms t ON t.id = c.term_id
		WHERE c.id = (SELECT collection_id FROM proposals WHERE matter_id = ?)`, id)
	store.Read(b, &d.texts, "SELECT * FROM proposal_texts WHERE matter_id = ? ORDER BY version DESC LIMIT ?", id, shown)
	const newest = " WHERE matter_id = ? ORDER BY id DESC LIMIT ?"
	store.Read(b, &d.Reviews, "SELECT * FROM proposal_reviews"+newest, id, shown)
	store.Read(b, &d.Translations, "SELECT * FROM proposal_translations"+newest, id, shown)
	store.Read(b, &d.Supervisions, "SELECT * FROM proposal_supervisions"+newest, id, shown)
	store.Read(b, &d.Marks, "SELECT * FROM proposal_marks WHERE matter_id = ? ORDER BY honour", id)
	return d
}

// Finish completes what was loaded, for one who may see the proposal. Reviews, the
// translation that is being made, and marks on their way are the office's; where two
// review, nobody reads the first opinion before the second is in but who wrote it.
func (d *Detail) Finish(a member.Actor, status workflow.Status) {
	d.Own, d.Text, d.Before = d.rows[0], d.texts[0], d.texts[1:]
	if len(d.of) > 0 {
		d.Collection = &d.of[0].Collection
		if d.of[0].Ordinal != nil {
			d.Term = *d.of[0].Ordinal
		}
	}
	office := a.Staff() || matter.Oversees(a)
	if !office {
		d.Reviews = nil
		d.Marks = slices.DeleteFunc(d.Marks, func(m Mark) bool { return m.known() == nil })
		for i := range d.Marks {
			d.Marks[i].Note = ""
		}
		d.Supervisions = slices.DeleteFunc(d.Supervisions, func(t SupervisionTask) bool { return t.ReportedAt == nil })
	}
	if !office && !a.Is(member.Translator) {
		d.Translations = slices.DeleteFunc(d.Translations, func(t Translation) bool { return t.CheckedAt == nil })
	}
	if status == ReReview {
		d.Reviews = slices.DeleteFunc(d.Reviews, func(r Review) bool { return r.Blind && r.ReviewerID != a.PersonID })
	}
}

// Reviewing reports whether a proposal in a state is being looked at, so that what
// the program notices of it helps.
func (d *Detail) Reviewing(s workflow.Status) bool {
	return slices.Contains(append(undecided(), Gathered), s)
}

// Hints tells what the program notices of the text as it stands now.
func (d *Detail) Hints() []Hint {
	return Hints(Unfinished{Title: d.Text.Title, Situation: d.Text.Situation, Analysis: d.Text.Analysis, Advice: d.Text.Advice})
}
