package opinion

import (
	"slices"

	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Detail is what this kind shows of a report, as far as the asker may read it.
type Detail struct {
	Opinion
	// Text is what the author handed in; nil for who does not read it.
	Text *Version
	// Edited is the newest edited text; nil where there is none, or for who does
	// not read it.
	Edited       *Version
	Findings     []Finding
	Dispatches   []Dispatch
	Adoptions    []Adoption
	Instructions []Instruction

	own      []Opinion
	versions []Version
}

// Load adds the queries for what this kind keeps of a report to a batch.
func Load(b *store.Batch, id string) *Detail {
	d := &Detail{}
	store.Read(b, &d.own, "SELECT * FROM opinions WHERE matter_id = ?", id)
	store.Read(b, &d.versions, `SELECT * FROM opinion_versions WHERE matter_id = ?
		AND ordinal IN (SELECT MAX(ordinal) FROM opinion_versions WHERE matter_id = ? GROUP BY source) ORDER BY ordinal`, id, id)
	const of = " WHERE matter_id = ? ORDER BY ordinal LIMIT ?"
	store.Read(b, &d.Findings, "SELECT * FROM opinion_findings"+of, id, maxRows)
	store.Read(b, &d.Dispatches, "SELECT * FROM opinion_dispatches"+of, id, maxRows)
	store.Read(b, &d.Adoptions, "SELECT * FROM opinion_adoptions"+of, id, maxRows)
	store.Read(b, &d.Instructions, "SELECT * FROM opinion_instructions"+of, id, maxRows)
	return d
}

// Finish narrows a loaded report to what the actor reads of it, who sees its
// matter:
//
//   - the office and the leaders all of it;
//   - whoever verifies it what was handed in, the edited text and the findings;
//   - the units that handle it the newest text, and the instructions that name them;
//   - its authors what they handed in themselves, where it went and was taken up,
//     and that there was an instruction. Whose report was merged into another does
//     not read the other's text.
func (d *Detail) Finish(a member.Actor, x matter.Matter, authors []matter.Author, insider matter.Insider) {
	d.Opinion = d.own[0]
	for i, v := range d.versions {
		if v.Source == FromAuthor {
			d.Text = &d.versions[i]
		} else {
			d.Edited = &d.versions[i]
		}
	}
	switch {
	case matter.Oversees(a):
	case x.Leads(a):
		d.Dispatches, d.Adoptions, d.Instructions = nil, nil, nil
	case bool(insider):
		d.forUnits(a.Units())
	default:
		d.forAuthors(a, authors)
	}
}

// forUnits leaves what the units read that handle a report.
func (d *Detail) forUnits(units []string) {
	if d.Edited == nil {
		d.Edited = d.Text
	}
	d.Text, d.Findings, d.Dispatches, d.Adoptions = nil, nil, nil, nil
	d.Instructions = slices.DeleteFunc(d.Instructions, func(x Instruction) bool {
		return x.RevokedAt != nil || !slices.ContainsFunc(x.Units(), func(id string) bool { return slices.Contains(units, id) })
	})
	for i, x := range d.Instructions {
		d.Instructions[i] = Instruction{Ordinal: x.Ordinal, Fact: x.plain(), Leader: x.Leader, Rank: x.Rank, Number: x.Number}
	}
}

// forAuthors leaves what authors read: of those facts that stand, no number of
// ours and nobody's words.
func (d *Detail) forAuthors(a member.Actor, authors []matter.Author) {
	own := slices.ContainsFunc(authors, func(x matter.Author) bool {
		return x.Is(a.PersonID) && x.ViaMatterID == nil || x.OnBehalfBy != nil && *x.OnBehalfBy == a.PersonID
	})
	if !own {
		d.Text = nil
	}
	d.Edited, d.Findings, d.SignedBy, d.IssueNo = nil, nil, "", ""
	d.Dispatches = slices.DeleteFunc(d.Dispatches, func(x Dispatch) bool { return x.RevokedAt != nil })
	d.Adoptions = slices.DeleteFunc(d.Adoptions, func(x Adoption) bool { return x.RevokedAt != nil })
	d.Instructions = slices.DeleteFunc(d.Instructions, func(x Instruction) bool { return x.RevokedAt != nil })
	for i, x := range d.Dispatches {
		d.Dispatches[i] = Dispatch{Ordinal: x.Ordinal, Fact: x.plain(), Organ: x.Organ, Level: x.Level}
	}
	for i, x := range d.Adoptions {
		d.Adoptions[i].Fact = x.plain()
	}
	for i, x := range d.Instructions {
		d.Instructions[i] = Instruction{Ordinal: x.Ordinal, Fact: x.plain()}
	}
}

// plain is a fact without who entered it.
func (f Fact) plain() Fact {
	return Fact{InstitutionID: f.InstitutionID, Day: f.Day}
}
