package matter

import (
	"context"
	"fmt"
	"slices"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/store"
)

// Part is a part of the matters of a kind that is small whatever the table is: those
// of a year, or those that a query names. Its zero value is all of them.
type Part struct {
	Year  int    // set by InYear; 0: handed in whenever
	Among string // a query for their identifiers, with its arguments; empty: any
	Args  []any

	from, to time.Time
}

// InYear is what of the part was handed in in a year, as it is in Beijing.
func (p Part) InYear(year int) Part {
	p.Year, p.from, p.to = year, calendar.Date(year, time.January, 1).Start(), calendar.Date(year+1, time.January, 1).Start()
	return p
}

// all reports whether nothing is left out.
func (p Part) all() bool { return p.Year == 0 && p.Among == "" }

// where is the condition on the table matters.
func (p Part) where(institutionID string, kind Kind) (string, []any) {
	where, args := "matters.institution_id = ? AND matters.kind = ?", []any{institutionID, kind}
	if p.Year > 0 {
		where, args = where+" AND matters.submitted_at >= ? AND matters.submitted_at < ?", append(args, p.from, p.to)
	}
	if p.Among != "" {
		where, args = where+" AND matters.id IN ("+p.Among+")", append(args, p.Args...)
	}
	return where, args
}

// query is a query for columns of the rows of matters that are of the part and meet
// a condition. The part is read first, by its index, and nothing else is: so the cost
// is that of the part, whatever the condition asks for.
func (p Part) query(columns string, a member.Actor, kind Kind, condition string, args ...any) (string, []any) {
	where, each := p.where(a.InstitutionID, kind)
	return "WITH part AS MATERIALIZED (SELECT matters.* FROM matters WHERE " + where + ") SELECT " + columns + " FROM part AS matters WHERE " + condition,
		append(each, args...)
}

// Seen is a query for the rows of matters that an actor sees of a part. Its cost is
// that of the part.
func (s *Service) Seen(a member.Actor, kind Kind, p Part) (string, []any) {
	condition, args := s.Visible(a)
	return p.query("matters.*", a, kind, condition, args...)
}

// listedOf is listed for a part.
func (s *Service) listedOf(a member.Actor, f Filter) (string, []any) {
	seen, args := s.Visible(a)
	if f.Mine {
		own, more := authored(a)
		seen, args = "matters.id IN ("+own+")", more
	}
	wanted, more := f.where()
	query, all := f.Part.query("matters.id", a, f.Kind, "("+seen+") AND "+wanted, slices.Concat(args, more)...)
	return query + " ORDER BY matters.id DESC LIMIT ?", append(all, f.Limit)
}

// AuthorsOf returns the authors of some matters of a kind that the actor sees, each in
// their order; of those whose authors are kept from the actor, none. It asks two
// queries at most.
func (s *Service) AuthorsOf(ctx context.Context, a member.Actor, kind Kind, ids []string) (map[string][]Author, error) {
	b := s.db.Batch()
	veil := s.loadVeil(b, a, kind)
	own, args := veil.own(a, "matters")
	var rows []struct {
		Author
		Own bool
	}
	store.Read(b, &rows, "SELECT authors.*, "+own+` AS own FROM authors JOIN matters ON matters.id = authors.matter_id
		WHERE matters.institution_id = ? AND matters.id IN ? ORDER BY authors.matter_id, authors.ordinal`, append(args, a.InstitutionID, ids)...)
	if err := b.Run(ctx); err != nil {
		return nil, fmt.Errorf("find the authors of a list: %w", err)
	}
	over, err := veil.over()
	by := map[string][]Author{}
	for _, r := range rows {
		if !over[kind] || r.Own {
			by[r.MatterID] = append(by[r.MatterID], r.Author)
		}
	}
	return by, err
}
