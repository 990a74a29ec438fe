package member

import (
	"context"
	"fmt"
	"slices"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// OfUnit reports whether a role is held for a unit.
func OfUnit(role Role) bool { return slices.Contains(unitRoles, role) }

// UnitRoles lists the roles that are held for a unit.
func UnitRoles() []Role { return slices.Clone(unitRoles) }

// Fits reports whether a role may be held for a unit of a kind: a committee's staff
// are of a committee.
func Fits(role Role, kind institution.UnitKind) bool {
	return role != CommitteeStaff || kind == institution.Committee
}

// fill checks an input and puts it into an appointment.
func fill(ctx context.Context, tx *store.Tx, a Actor, x *Appointment, in AppointmentInput) error {
	if _, known := Roles()[in.Role]; !known {
		return ErrRole
	}
	if !MayGive(a, in.Role) {
		return ErrMayNotGive
	}
	if !in.Ends.IsZero() && in.Ends.Before(in.Begins) {
		return ErrAppointmentDates
	}
	x.Begins, x.Ends = in.Begins, in.Ends
	if err := fillUnit(ctx, tx, a, x, in); err != nil {
		return err
	}
	if err := fillTerm(ctx, tx, a, x, in); err != nil {
		return err
	}
	return overlaps(ctx, tx, *x)
}

// MayGive reports whether an actor who looks after the roster may give a role,
// and take it: only an administrator makes administrators.
func MayGive(a Actor, role Role) bool {
	return a.Is(PlatformAdmin) || role != PlatformAdmin && a.Is(MemberWorkStaff)
}

func fillUnit(ctx context.Context, tx *store.Tx, a Actor, x *Appointment, in AppointmentInput) error {
	switch {
	case !OfUnit(in.Role) && in.UnitID != "":
		return ErrUnitNotDue
	case !OfUnit(in.Role):
		return nil
	case in.UnitID == "":
		return ErrUnitDue
	case x.UnitID != nil && *x.UnitID == in.UnitID: // which may have been closed since
		return nil
	}
	u, err := institution.FindUnit(ctx, tx, a.InstitutionID, in.UnitID)
	if fault.As(err) != nil || err == nil && u.EndedAt != nil {
		return ErrUnitClosed
	}
	if err == nil && !Fits(in.Role, u.Kind) {
		return ErrNoCommittee
	}
	x.UnitID = &u.ID
	return err
}

func fillTerm(ctx context.Context, tx *store.Tx, a Actor, x *Appointment, in AppointmentInput) error {
	if in.Role != Member {
		if in.TermID != "" {
			return ErrTermNotDue
		}
		return nil
	}
	if in.TermID != "" {
		t, err := FindTerm(ctx, tx, a.InstitutionID, in.TermID)
		x.TermID = &t.ID
		if fault.As(err) != nil {
			return ErrNoTerm
		}
		return err
	}
	if x.TermID != nil {
		return nil
	}
	terms, err := Terms(ctx, tx, a.InstitutionID)
	if t, ok := TermOn(terms, in.Begins); ok {
		x.TermID = &t.ID
	}
	return err
}

// TermOn finds the term that runs on a day.
func TermOn(terms []Term, day calendar.Day) (Term, bool) {
	for _, t := range terms {
		if !day.Before(t.Begins) && !day.After(t.Ends) {
			return t, true
		}
	}
	return Term{}, false
}

// IsFormer reports whether somebody with these appointments is a former member
// (历届委员) on a day: was a member, and neither is nor will be one.
func IsFormer(held []Appointment, day calendar.Day) bool {
	was := false
	for _, x := range held {
		switch {
		case x.Role != Member || !x.Ends.IsZero() && x.Ends.Before(x.Begins):
		case x.Ends.IsZero() || !x.Ends.Before(day):
			return false
		default:
			was = true
		}
	}
	return was
}

// Clash reports whether two appointments of one person are for the same role and
// unit and share a day.
func Clash(x, y Appointment) bool {
	same := x.Role == y.Role && (x.UnitID == nil) == (y.UnitID == nil) && (x.UnitID == nil || *x.UnitID == *y.UnitID)
	never := func(a Appointment) bool { return !a.Ends.IsZero() && a.Ends.Before(a.Begins) }
	return x.ID != y.ID && same && !never(x) && !never(y) &&
		(x.Ends.IsZero() || !x.Ends.Before(y.Begins)) && (y.Ends.IsZero() || !y.Ends.Before(x.Begins))
}

func overlaps(ctx context.Context, tx *store.Tx, x Appointment) error {
	others, err := gorm.G[Appointment](tx.Gorm(ctx)).Where("institution_id = ? AND person_id = ? AND role = ?", x.InstitutionID, x.PersonID, x.Role).Find(ctx)
	if err != nil {
		return fmt.Errorf("list the appointments of a person: %w", err)
	}
	if slices.ContainsFunc(others, func(y Appointment) bool { return Clash(x, y) }) {
		return ErrOverlap
	}
	return nil
}
