package roster

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/institution"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// book is the roster of one institution as an import finds it, in a few queries.
type book struct {
	service   *Service
	actor     member.Actor
	now       time.Time
	today     calendar.Day
	people    []*member.Person
	byDigest  map[string]*member.Person
	byName    map[string][]*member.Person
	held      map[string][]*member.Appointment // by person
	terms     []member.Term
	units     []institution.Unit
	divisions map[member.DivisionKind]map[string]member.Division
	order     *member.Arrangement
}

func (s *Service) read(ctx context.Context, c store.Conn, a member.Actor) (*book, error) {
	b := &book{
		service: s, actor: a, now: s.now(), byDigest: map[string]*member.Person{}, byName: map[string][]*member.Person{},
		held: map[string][]*member.Appointment{}, divisions: map[member.DivisionKind]map[string]member.Division{},
	}
	b.today = calendar.Of(b.now)
	var err error
	for _, read := range []func() error{
		func() error {
			return c.Gorm(ctx).Where("institution_id = ?", a.InstitutionID).Order("id").Find(&b.people).Error
		},
		func() error {
			held, err := gorm.G[*member.Appointment](c.Gorm(ctx)).Where("institution_id = ?", a.InstitutionID).Order("begins, id").Find(ctx)
			for _, x := range held {
				b.held[x.PersonID] = append(b.held[x.PersonID], x)
			}
			return err
		},
		func() error { b.terms, err = member.Terms(ctx, c, a.InstitutionID); return err },
		func() error { b.units, err = institution.AllUnits(ctx, c, a.InstitutionID); return err },
		func() error { b.order, err = member.Arrange(ctx, c, a.InstitutionID); return err },
		func() error { return b.readDivisions(ctx, c) },
	} {
		if err := read(); err != nil {
			return nil, fmt.Errorf("read the roster: %w", err)
		}
	}
	for _, p := range b.people {
		b.byName[p.Name] = append(b.byName[p.Name], p)
		if p.PhoneDigest != nil {
			b.byDigest[*p.PhoneDigest] = p
		}
	}
	return b, nil
}

func (b *book) readDivisions(ctx context.Context, c store.Conn) error {
	for _, kind := range []member.DivisionKind{member.Sector, member.Group} {
		rows, err := member.Divisions(ctx, c, b.actor.InstitutionID, kind)
		if err != nil {
			return err
		}
		b.divisions[kind] = map[string]member.Division{}
		for _, d := range rows {
			b.divisions[kind][d.Name] = d
		}
	}
	return nil
}

// live returns what a person holds, or is about to hold, as a member or as
// anything else, the earliest first.
func (b *book) live(personID string, of Kind) []*member.Appointment {
	var found []*member.Appointment
	for _, x := range b.held[personID] {
		if (x.Role == member.Member) == (of == Members) && (x.Ends.IsZero() || !x.Ends.Before(b.today) && !x.Ends.Before(x.Begins)) {
			found = append(found, x)
		}
	}
	return found
}

// among reports whether a person is, was or may be one whom tables of a kind
// list: who has never held anything may be in either.
func (b *book) among(p *member.Person, k Kind) bool {
	held := b.held[p.ID]
	return len(held) == 0 || slices.ContainsFunc(held, func(x *member.Appointment) bool { return (x.Role == member.Member) == (k == Members) })
}

func (b *book) term(id *string) (member.Term, bool) {
	i := slices.IndexFunc(b.terms, func(t member.Term) bool { return id != nil && t.ID == *id })
	if i < 0 {
		return member.Term{}, false
	}
	return b.terms[i], true
}

func (b *book) unit(id *string) institution.Unit {
	i := slices.IndexFunc(b.units, func(u institution.Unit) bool { return id != nil && u.ID == *id })
	if i < 0 {
		return institution.Unit{}
	}
	return b.units[i]
}

// draft is a row on its way into the report.
type draft struct {
	row    sheet.Row
	name   string
	phone  string // in its one form
	masked string // "138****0001", of a table that was exported so
	begins calendar.Day

	person   *member.Person // whom it is about; nil while it is not known, or is wrong
	isNew    bool
	changes  []Change
	secret   []string
	problems []sheet.Problem
}

func (d *draft) wrong(column, message string) {
	d.problems = append(d.problems, sheet.Problem{Line: d.row.Line, Column: column, Message: message})
}

// change notes a field that becomes another. What is shown may be masked.
func (d *draft) change(column, from, to, shownFrom, shownTo string) {
	d.changes = append(d.changes, Change{column, shownFrom, shownTo})
	d.secret = append(d.secret, column, from, to)
}

func (d *draft) set(column, from, to string) { d.change(column, from, to, from, to) }

// finish puts a row into the report.
func (p *plan) finish(d *draft) {
	row := Row{Line: d.row.Line, Name: d.name, Changes: d.changes, Problems: d.problems}
	id := ""
	switch {
	case len(d.problems) > 0:
		row.Action, row.Changes = Wrong, nil
	case d.isNew:
		row.Action = Added
	case len(d.changes) > 0:
		row.Action = Changed
	default:
		row.Action = Unchanged
	}
	if d.person != nil && !d.isNew {
		id = d.person.ID
	}
	p.report.Rows = append(p.report.Rows, row)
	p.secret = append(p.secret, append([]string{fmt.Sprint(d.row.Line), string(row.Action), id, d.name, d.phone, fmt.Sprint(d.problems)}, d.secret...))
}

// drafts begins a row of the report for each of the table.
func drafts(t sheet.Table) []*draft {
	by := map[int][]sheet.Problem{}
	for _, p := range t.Problems {
		by[p.Line] = append(by[p.Line], p)
	}
	all := make([]*draft, len(t.Rows))
	for i, r := range t.Rows {
		all[i] = &draft{row: r, problems: by[r.Line]}
	}
	return all
}
