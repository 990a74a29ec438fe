package roster

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"yanlu/internal/calendar"
	"yanlu/internal/member"
	"yanlu/internal/sheet"
	"yanlu/internal/store"
)

// matching finds out which row is about whom: first by number, then by name.
type matching struct {
	*book
	kind Kind
	line map[string]int            // in which a person of the roster, or a new one, stands first
	news map[string]*member.Person // new people, by their number or else by their name
	said map[string]saying         // by person and column
}

// match reads what every row about a person has, and finds the person.
func (b *book) match(k Kind, all []*draft) (*matching, error) {
	m := &matching{book: b, kind: k, line: map[string]int{}, news: map[string]*member.Person{}, said: map[string]saying{}}
	for _, d := range all {
		b.readPerson(d)
	}
	// Whoever is known by a number is not to be had by name.
	for _, d := range all {
		m.byNumber(d)
	}
	for _, d := range all {
		if d.person == nil && len(d.problems) == 0 {
			if err := m.byTheirName(d); err != nil {
				return nil, err
			}
		}
	}
	return m, nil
}

func (b *book) readPerson(d *draft) {
	has := func(column string) bool {
		return slices.ContainsFunc(d.problems, func(p sheet.Problem) bool { return p.Column == column })
	}
	name, err := member.NormalName(d.row.Get(colName))
	d.name = name
	if err != nil && !has(colName) {
		d.wrong(colName, "姓名要有1到50个字，不要换行")
	}
	switch phone := d.row.Get(colPhone); {
	case phone == "":
	case strings.Contains(phone, "*"):
		d.masked = phone
	default:
		if d.phone, err = member.NormalPhone(phone); errors.Is(err, member.ErrPhone) {
			d.wrong(colPhone, "不是正确的11位手机号")
		}
	}
	if utf8.RuneCountInString(d.row.Get(colPosition)) > member.MaxPosition {
		d.wrong(colPosition, fmt.Sprintf("最多%d个字", member.MaxPosition))
	}
	if cell := d.row.Get(colBegins); cell != "" {
		day, ok := sheet.Day(cell)
		if !ok {
			d.wrong(colBegins, "日期看不懂，请写成 2026-01-10 的样子")
		}
		d.begins = day
	}
}

// byNumber finds the person who has the number of a row.
func (m *matching) byNumber(d *draft) {
	if d.phone == "" || d.name == "" {
		return
	}
	p := m.byDigest[m.service.people.PhoneDigest(d.phone)]
	switch {
	case p == nil:
	case p.Name == d.name, m.renames(p, d.name):
		m.take(d, p)
	default:
		d.wrong(colPhone, "这个手机号在名册中是“"+p.Name+"”的，请核对姓名和手机号")
	}
}

// renames reports whether a row with another name may mean this person all the
// same: there is nobody else whom it could mean.
func (m *matching) renames(p *member.Person, name string) bool {
	return m.among(p, m.kind) && len(m.byName[name]) == 0
}

// byTheirName finds the one person of the kind who has the name of a row, and is
// not in another row by number; or begins a new one.
func (m *matching) byTheirName(d *draft) error {
	var found []*member.Person
	for _, p := range m.byName[d.name] {
		if !m.among(p, m.kind) || d.phone != "" && m.line[p.ID] > 0 {
			continue
		}
		if d.masked != "" {
			phone, err := m.service.people.Phone(*p)
			if err != nil {
				return err
			}
			if member.MaskPhone(phone) != d.masked {
				continue
			}
		}
		found = append(found, p)
	}
	if len(found) > 1 { // rather one whom no other row has by number
		if free := slices.DeleteFunc(slices.Clone(found), func(p *member.Person) bool { return m.line[p.ID] > 0 }); len(free) == 1 {
			found = free
		}
	}
	switch {
	case len(found) == 1:
		m.take(d, found[0])
	case len(found) > 1:
		d.wrong(colName, fmt.Sprintf("名册中有%d位同名，请填写手机号，以便认出是哪一位", len(found)))
	case d.masked != "":
		d.wrong(colPhone, "手机号有遮挡，与名册中的对不上，请填写完整的手机号")
	default:
		m.begin(d)
	}
	return nil
}

// take lets a row be about a person of the roster.
func (m *matching) take(d *draft, p *member.Person) {
	first := m.line[p.ID]
	switch {
	case first == 0:
		m.line[p.ID] = d.row.Line
	case m.kind == Members:
		d.wrong(colName, fmt.Sprintf("与第%d行是同一个人", first))
		return
	}
	d.person = p
}

// begin lets a row be about somebody new.
func (m *matching) begin(d *draft) {
	key := "name " + d.name
	if d.phone != "" {
		key = m.service.people.PhoneDigest(d.phone)
	}
	old := m.news[key]
	switch {
	case old != nil && d.phone == "":
		d.wrong(colName, fmt.Sprintf("与第%d行同名，请填写手机号，以便区分", m.line[old.ID]))
	case old != nil && m.kind == Members:
		d.wrong(colPhone, fmt.Sprintf("与第%d行的手机号相同", m.line[old.ID]))
	case old != nil && old.Name != d.name:
		d.wrong(colPhone, fmt.Sprintf("与第%d行的手机号相同，姓名却不同", m.line[old.ID]))
	case old != nil:
		d.person, d.isNew = old, true
	default:
		p := &member.Person{ID: store.NewID(), InstitutionID: m.actor.InstitutionID, Name: d.name, Version: 1, CreatedAt: m.now, UpdatedAt: m.now}
		m.news[key], m.line[p.ID] = p, d.row.Line
		d.person, d.isNew = p, true
	}
}

// saying is what a row said of a person.
type saying struct {
	line  int
	value string
}

// says reports whether a row says something that a person's row does not have
// yet. Another row about the same person must not say something else.
func (m *matching) says(d *draft, column, from, to string) bool {
	if to == "" {
		return false
	}
	key := d.person.ID + column
	if first, ok := m.said[key]; ok && first.value != to {
		d.wrong(column, fmt.Sprintf("与第%d行写的不一样，而两行是同一个人", first.line))
		return false
	} else if !ok {
		m.said[key] = saying{d.row.Line, to}
	}
	return from != to
}

// fill puts what a row says of a person into their row, and notes what changes.
func (m *matching) fill(d *draft) error {
	p := d.person
	if m.says(d, colName, p.Name, d.name) {
		d.set(colName, p.Name, d.name)
		p.Name = d.name
	}
	if err := m.fillPhone(d); err != nil {
		return err
	}
	for _, x := range []struct {
		column string
		field  *string
	}{{colPosition, &p.Position}, {colSector, &p.Sector}, {colGroup, &p.GroupName}} {
		if to := d.row.Get(x.column); m.says(d, x.column, *x.field, to) {
			d.set(x.column, *x.field, to)
			*x.field = to
		}
	}
	return nil
}

func (m *matching) fillPhone(d *draft) error {
	if d.phone == "" {
		return nil
	}
	from, err := m.service.people.Phone(*d.person)
	if err != nil || !m.says(d, colPhone, from, d.phone) {
		return err
	}
	if m.byDigest[m.service.people.PhoneDigest(d.phone)] != nil { // of somebody else, or the person would have been found by it
		d.wrong(colPhone, "这个手机号在名册中是别人的")
		return nil
	}
	if !m.actor.Is(member.PlatformAdmin) && slices.ContainsFunc(m.live(d.person.ID, Staff), func(x *member.Appointment) bool { return x.Role == member.PlatformAdmin }) {
		d.wrong(colPhone, "此人是平台管理员，手机号只能由平台管理员更换")
		return nil
	}
	d.change(colPhone, from, d.phone, member.MaskPhone(from), member.MaskPhone(d.phone))
	return m.service.people.SetPhone(d.person, d.phone)
}

// within checks a day against a term.
func within(day calendar.Day, t member.Term) bool {
	return !day.Before(t.Begins) && !day.After(t.Ends)
}
