package roster

import (
	"context"
	"io"

	"yanlu/internal/member"
	"yanlu/internal/sheet"
)

// Phones says how an export shows telephone numbers.
type Phones string

// The choices of Phones.
const (
	Masked Phones = "MASKED" // 138****0001
	Full   Phones = "FULL"
)

// Template writes an empty table of a kind.
func Template(w io.Writer, k Kind) error { return sheet.Write(w, k.Title(), Columns(k), nil) }

// Export writes the present roster of the actor's institution as a table of a
// kind, in an order. Brought in again it changes nothing, masked or not.
func (s *Service) Export(ctx context.Context, a member.Actor, k Kind, order member.Order, phones Phones, w io.Writer) error {
	b, err := s.read(ctx, s.db, a)
	if err != nil {
		return err
	}
	rows := [][]string{}
	if k == Units {
		for _, u := range b.units {
			if u.EndedAt == nil {
				rows = append(rows, []string{u.Name, u.Word()})
			}
		}
		return sheet.Write(w, k.Title(), Columns(k), rows)
	}
	people, err := s.people.All(ctx, s.db, a, member.Filter{Order: order}, b.today)
	if err != nil {
		return err
	}
	for _, p := range people {
		for i, x := range b.live(p.ID, k) {
			if k == Members && i > 0 { // appointed for the next term already
				break
			}
			row, err := b.line(p, x, phones)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
	}
	return sheet.Write(w, k.Title(), Columns(k), rows)
}

// line is one row of an export, in the order of the columns.
func (b *book) line(p member.Person, x *member.Appointment, phones Phones) ([]string, error) {
	phone, err := b.service.people.Phone(p)
	if err != nil {
		return nil, err
	}
	if phones != Full {
		phone = member.MaskPhone(phone)
	}
	if x.Role != member.Member {
		return []string{p.Name, phone, p.Position, member.Roles()[x.Role], b.unit(x.UnitID).Name, x.Begins.String()}, nil
	}
	term := ""
	if t, ok := b.term(x.TermID); ok {
		term = t.Label()
	}
	return []string{p.Name, phone, p.Position, p.Sector, p.GroupName, term, x.Begins.String()}, nil
}
