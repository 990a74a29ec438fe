package roster

import (
	"fmt"
	"slices"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// memberRows plans a table of members.
func (b *book) memberRows(p *plan, t sheet.Table) error {
	return b.personRows(p, t, Members, func(d *draft) { b.membership(p, d) })
}

// personRows plans a table of people of a kind: who each row is about, what of
// them changes, and by hold what they are to hold.
func (b *book) personRows(p *plan, t sheet.Table, k Kind, hold func(*draft)) error {
	all := drafts(t)
	m, err := b.match(k, all)
	if err != nil {
		return err
	}
	for _, d := range all {
		if k == Members {
			b.divisionsOf(p, d)
		}
		if len(d.problems) == 0 {
			if err := m.fill(d); err != nil {
				return err
			}
			hold(d)
		}
		p.finish(d)
		p.keep(m, d)
	}
	for _, x := range b.people {
		if len(b.live(x.ID, k)) > 0 && m.line[x.ID] == 0 {
			p.report.Absent++
		}
	}
	return nil
}

// personal are the columns that stand in the row of a person, not in an
// appointment.
var personal = []string{colName, colPhone, colPosition, colSector, colGroup, colTerm}

// keep adds the person of a row to what is written, once.
func (p *plan) keep(m *matching, d *draft) {
	x := d.person
	isOther := slices.ContainsFunc(d.changes, func(c Change) bool { return slices.Contains(personal, c.Column) })
	switch {
	case x == nil || len(d.problems) > 0 || !d.isNew && !isOther:
		return
	case d.isNew && !slices.Contains(p.people, x):
		p.people = append(p.people, x)
	case !d.isNew && !slices.Contains(p.otherPeople, x):
		x.Version, x.UpdatedAt = x.Version+1, m.now
		p.otherPeople = append(p.otherPeople, x)
	}
	m.order.Place(x)
}

// divisionsOf checks the sector and the group of a row. One that is in no list
// is made, which the report says.
func (b *book) divisionsOf(p *plan, d *draft) {
	for _, of := range []struct {
		column string
		kind   member.DivisionKind
	}{{colSector, member.Sector}, {colGroup, member.Group}} {
		column, kind, name := of.column, of.kind, d.row.Get(of.column)
		x, known := b.divisions[kind][name]
		switch {
		case name == "":
		case !member.DivisionName(name):
			d.wrong(column, "最多50个字，不要换行")
		case known && x.EndedAt != nil && !b.has(d.person, kind, name):
			d.wrong(column, "“"+name+"”已停用，请改用别的，或先恢复使用")
		case !known && len(b.divisions[kind]) >= member.MaxDivisions:
			d.wrong(column, fmt.Sprintf("最多%d个，不能再添加新的", member.MaxDivisions))
		case !known && len(d.problems) == 0:
			x = member.Division{ID: store.NewID(), InstitutionID: b.actor.InstitutionID, Kind: kind, Name: name, Place: b.nextPlace(kind), Version: 1, CreatedAt: b.now}
			b.divisions[kind][name] = x
			p.divisions, p.report.Makes = append(p.divisions, x), append(p.report.Makes, Making{kind, name})
			if kind == member.Sector {
				b.order.AddSector(name, x.Place)
			}
		}
	}
	slices.SortFunc(d.problems, func(x, y sheet.Problem) int { return slices.Index(order, x.Column) - slices.Index(order, y.Column) })
}

// order is that of the problems of one row: as the columns stand.
var order = []string{colName, colPhone, colPosition, colSector, colGroup, colTerm, colRole, colUnit, colBegins}

func (b *book) has(p *member.Person, kind member.DivisionKind, name string) bool {
	return p != nil && (kind == member.Sector && p.Sector == name || kind == member.Group && p.GroupName == name)
}

func (b *book) nextPlace(kind member.DivisionKind) int {
	place := 1
	for _, d := range b.divisions[kind] {
		place = max(place, d.Place+1)
	}
	return place
}

// membership plans the appointment as a member that a row asks for.
func (b *book) membership(p *plan, d *draft) {
	term, given := member.Term{}, false
	if cell := d.row.Get(colTerm); cell != "" {
		n, ok := member.TermOrdinal(cell)
		i := slices.IndexFunc(b.terms, func(t member.Term) bool { return t.Ordinal == n })
		if !ok || i < 0 {
			d.wrong(colTerm, "没有这一届，请先添加届次，或核对写法（例如：第十一届）")
			return
		}
		term, given = b.terms[i], true
	}
	live := b.live(d.person.ID, Members)
	if len(live) == 0 {
		b.newMember(p, d, term, given)
		return
	}
	x := live[len(live)-1]
	if i := slices.IndexFunc(live, func(x *member.Appointment) bool { return x.TermID != nil && *x.TermID == term.ID }); given && i >= 0 {
		x = live[i]
	} else if !given {
		x = live[0]
	}
	old, hasTerm := b.term(x.TermID)
	switch {
	case !given || hasTerm && old.ID == term.ID:
		b.move(p, d, x, old, hasTerm)
	case !hasTerm:
		d.set(colTerm, "", term.Label())
		x.TermID, d.person.TermID = &term.ID, &term.ID
		b.move(p, d, x, term, true)
		p.alter(x)
	case term.Ordinal < old.Ordinal:
		d.wrong(colTerm, "此人已是"+old.Label()+"委员；要改届次，请单独修改其任职")
	default:
		b.nextTerm(p, d, x, old, term)
	}
}

// newMember appoints somebody who is no member now.
func (b *book) newMember(p *plan, d *draft, term member.Term, given bool) {
	begins := d.begins
	if !given {
		day := begins
		if day.IsZero() {
			day = b.today
		}
		if term, given = member.TermOn(b.terms, day); !given {
			d.wrong(colTerm, "那一天不在任何一届之内，请填写届次，或先添加届次")
			return
		}
	}
	if begins.IsZero() {
		begins = later(b.today, term.Begins)
	}
	if !within(begins, term) {
		d.wrong(colBegins, "不在"+term.Label()+"的起止日期之内")
		return
	}
	b.appoint(p, d, member.Appointment{Role: member.Member, TermID: &term.ID, Begins: begins})
	if len(d.problems) == 0 {
		d.person.TermID = &term.ID
		d.set(colTerm, "", term.Label())
		d.secret = append(d.secret, begins.String())
	}
}

// nextTerm appoints a member for a later term: the appointment before it ends on
// the day before.
func (b *book) nextTerm(p *plan, d *draft, x *member.Appointment, old, term member.Term) {
	begins := d.begins
	if begins.IsZero() {
		begins = term.Begins
	}
	if !within(begins, term) {
		d.wrong(colBegins, "不在"+term.Label()+"的起止日期之内")
		return
	}
	if !x.Begins.Before(begins) {
		d.wrong(colBegins, "早于此人"+old.Label()+"的任职日期")
		return
	}
	if x.Ends.IsZero() || !x.Ends.Before(begins) {
		x.Ends = begins.Add(-1)
		p.alter(x)
	}
	b.appoint(p, d, member.Appointment{Role: member.Member, TermID: &term.ID, Begins: begins})
	d.person.TermID = &term.ID
	d.set(colTerm, old.Label(), term.Label())
	d.secret = append(d.secret, begins.String())
}

// move gives an appointment the first day that a row says.
func (b *book) move(p *plan, d *draft, x *member.Appointment, term member.Term, hasTerm bool) {
	if d.begins.IsZero() || d.begins == x.Begins {
		return
	}
	switch {
	case hasTerm && !within(d.begins, term):
		d.wrong(colBegins, "不在"+term.Label()+"的起止日期之内")
		return
	case !x.Ends.IsZero() && x.Ends.Before(d.begins):
		d.wrong(colBegins, "晚于这项任职的结束日期")
		return
	}
	from := x.Begins
	x.Begins = d.begins
	if slices.ContainsFunc(b.held[x.PersonID], func(y *member.Appointment) bool { return member.Clash(*x, *y) }) {
		x.Begins = from
		d.wrong(colBegins, "与此人以前的任职重叠")
		return
	}
	d.set(colBegins, from.String(), d.begins.String())
	p.alter(x)
}

// alter adds an appointment to what changes, once.
func (p *plan) alter(x *member.Appointment) {
	if !slices.Contains(p.others, x) {
		x.Version++
		p.others = append(p.others, x)
	}
}

// appoint adds an appointment, unless the person holds the like on one of its
// days.
func (b *book) appoint(p *plan, d *draft, x member.Appointment) {
	x.ID, x.InstitutionID, x.PersonID, x.Version, x.CreatedAt = store.NewID(), b.actor.InstitutionID, d.person.ID, 1, b.now
	if slices.ContainsFunc(b.held[x.PersonID], func(y *member.Appointment) bool { return member.Clash(x, *y) }) {
		d.wrong(colBegins, "与此人已有的任职重叠")
		return
	}
	b.held[x.PersonID] = append(b.held[x.PersonID], &x)
	p.appointments = append(p.appointments, &x)
}

func later(x, y calendar.Day) calendar.Day {
	if x.Before(y) {
		return y
	}
	return x
}
