package member

import (
	"context"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults of appointments.
var (
	ErrAppointmentNotFound = fault.New(fault.NotFound, "member.appointment_not_found", "没有找到这项任职。")
	ErrAppointmentStale    = fault.New(fault.Conflict, "member.appointment_stale", "这项任职刚刚被别人改动过，请刷新后再试。")
	ErrAppointmentOver     = fault.New(fault.Conflict, "member.appointment_over", "这项任职已经结束了。")
	ErrAppointmentDates    = fault.New(fault.Invalid, "member.appointment_dates", "任职的结束日期不能早于开始日期。")
	ErrOverlap             = fault.New(fault.Conflict, "member.overlap", "此人在这段时间已有同样的任职，请先结束原来的，或改日期。")
	ErrRole                = fault.New(fault.Invalid, "member.role", "没有这种角色，请从列表中选择。")
	ErrUnitDue             = fault.New(fault.Invalid, "member.unit_due", "这个角色要写明是哪个单位的。")
	ErrUnitNotDue          = fault.New(fault.Invalid, "member.unit_not_due", "这个角色不属于某个单位，请不要选择单位。")
	ErrNoCommittee         = fault.New(fault.Invalid, "member.no_committee", "专委会的工作人员请选择一个专委会；其他单位的人员请任职为经办人或单位负责人。")
	ErrUnitClosed          = fault.New(fault.Invalid, "member.unit_closed", "没有这个单位，或它已停用，请重新选择。")
	ErrTermNotDue          = fault.New(fault.Invalid, "member.term_not_due", "只有委员的任职才有届次，请不要选择届次。")
	ErrNoTerm              = fault.New(fault.Invalid, "member.no_term", "没有这一届，请从列表中重新选择。")
	ErrMayNotGive          = fault.New(fault.Forbidden, "member.may_not_give", "平台管理员的任职只能由平台管理员办理。")
	ErrOwnAdministrator    = fault.New(fault.Conflict, "member.own_administrator", "不能结束自己的平台管理员任职，请由其他管理员办理。")
)

// AppointmentInput is what an appointment is to be.
type AppointmentInput struct {
	Role   Role
	UnitID string       // of a unit's role, and only of one
	TermID string       // of a member; empty: the term in which it begins
	Begins calendar.Day // zero: today
	Ends   calendar.Day // zero: open
}

// MakeAppointment appoints a person of the actor's institution.
func (s *Service) MakeAppointment(ctx context.Context, tx *store.Tx, a Actor, personID string, in AppointmentInput, now time.Time) (Appointment, error) {
	Lock(tx, a.InstitutionID)
	p, err := s.Find(ctx, tx, a, personID)
	if err != nil {
		return Appointment{}, err
	}
	if in.Begins.IsZero() {
		in.Begins = calendar.Of(now)
	}
	x := Appointment{ID: store.NewID(), InstitutionID: a.InstitutionID, PersonID: p.ID, Role: in.Role, Version: 1, CreatedAt: now}
	if err := fill(ctx, tx, a, &x, in); err != nil {
		return x, err
	}
	tx.Insert(&x)
	joinTerm(tx, x, now)
	return x, nil
}

// ChangeAppointment gives an appointment another unit, term or other dates. The
// role stays: who is to have another is appointed to it.
func (s *Service) ChangeAppointment(ctx context.Context, tx *store.Tx, a Actor, id string, version int64, in AppointmentInput, now time.Time) (Appointment, error) {
	Lock(tx, a.InstitutionID)
	x, err := FindAppointment(ctx, tx, a, id)
	if err != nil {
		return x, err
	}
	if in.Begins.IsZero() {
		in.Begins = x.Begins
	}
	in.Role = x.Role
	if err := fill(ctx, tx, a, &x, in); err != nil {
		return x, err
	}
	if err := guard(ctx, tx, a, x, now); err != nil {
		return x, err
	}
	if err := writeAppointment(ctx, tx, &x, version); err != nil {
		return x, err
	}
	joinTerm(tx, x, now)
	return x, nil
}

// EndAppointment ends an appointment after a day, today where it is zero. One
// that would end before it begins never holds.
func (s *Service) EndAppointment(ctx context.Context, tx *store.Tx, a Actor, id string, version int64, day calendar.Day, now time.Time) (Appointment, error) {
	Lock(tx, a.InstitutionID)
	x, err := FindAppointment(ctx, tx, a, id)
	if err != nil {
		return x, err
	}
	if err := end(ctx, tx, a, &x, day, now); err != nil {
		return x, err
	}
	return x, writeAppointment(ctx, tx, &x, version)
}

// EndPerson ends whatever a person holds or is about to hold after a day, today
// where it is zero. The person stays in the roster and is read as before.
func (s *Service) EndPerson(ctx context.Context, tx *store.Tx, a Actor, id string, version int64, day calendar.Day, now time.Time) (Person, error) {
	Lock(tx, a.InstitutionID)
	p, err := s.Find(ctx, tx, a, id)
	if err != nil {
		return p, err
	}
	if p.Version != version {
		return p, ErrStale
	}
	held, err := gorm.G[Appointment](tx.Gorm(ctx)).
		Where("institution_id = ? AND person_id = ? AND (ends IS NULL OR ends >= ?)", a.InstitutionID, id, calendar.Of(now)).Find(ctx)
	if err != nil {
		return p, fmt.Errorf("list what a person holds: %w", err)
	}
	for _, x := range held {
		if err := end(ctx, tx, a, &x, day, now); err != nil {
			return p, err
		}
		if err := writeAppointment(ctx, tx, &x, x.Version); err != nil {
			return p, err
		}
	}
	return p, s.touch(ctx, tx, &p, version, map[string]any{}, now)
}

// FindAppointment returns an appointment of the actor's institution, or
// ErrAppointmentNotFound.
func FindAppointment(ctx context.Context, c store.Conn, a Actor, id string) (Appointment, error) {
	x, err := gorm.G[Appointment](c.Gorm(ctx)).Where("institution_id = ? AND id = ?", a.InstitutionID, id).First(ctx)
	return x, store.Found(err, ErrAppointmentNotFound, "find an appointment")
}

func end(ctx context.Context, tx *store.Tx, a Actor, x *Appointment, day calendar.Day, now time.Time) error {
	today := calendar.Of(now)
	if day.IsZero() {
		day = today
	}
	if !x.Ends.IsZero() && x.Ends.Before(today) {
		return ErrAppointmentOver
	}
	if day.Before(x.Begins) {
		day = x.Begins.Add(-1)
	}
	x.Ends = day
	return guard(ctx, tx, a, *x, now)
}

// guard refuses what would leave an institution without an administrator whose
// appointment has no end.
func guard(ctx context.Context, tx *store.Tx, a Actor, x Appointment, now time.Time) error {
	if x.Role != PlatformAdmin {
		return nil
	}
	if !MayGive(a, x.Role) {
		return ErrMayNotGive
	}
	today := calendar.Of(now)
	if x.Ends.IsZero() && !x.Begins.After(today) {
		return nil
	}
	if x.PersonID == a.PersonID {
		return ErrOwnAdministrator
	}
	return hasAnother(ctx, tx, a.InstitutionID, x.PersonID, today)
}

func writeAppointment(ctx context.Context, tx *store.Tx, x *Appointment, version int64) error {
	r := tx.Gorm(ctx).Model(&Appointment{}).Where("institution_id = ? AND id = ? AND version = ?", x.InstitutionID, x.ID, version).
		Updates(map[string]any{"unit_id": x.UnitID, "term_id": x.TermID, "begins": x.Begins, "ends": x.Ends, "version": version + 1})
	if r.Error != nil {
		return fmt.Errorf("change an appointment: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return ErrAppointmentStale
	}
	x.Version = version + 1
	return nil
}

// joinTerm lets the row of a member remember the term of their newest
// appointment, by which a former member is listed.
func joinTerm(tx *store.Tx, x Appointment, now time.Time) {
	if x.Role == Member && x.TermID != nil {
		tx.Exec(`UPDATE people SET term_id = ?, updated_at = ? WHERE institution_id = ? AND id = ? AND (term_id IS NULL OR term_id <> ?)
			AND NOT EXISTS (SELECT 1 FROM appointments y WHERE y.person_id = people.id AND y.role = ? AND y.begins > ?)`,
			*x.TermID, now, x.InstitutionID, x.PersonID, *x.TermID, Member, x.Begins)
	}
}
