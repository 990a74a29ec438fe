package member

import (
	"context"
	"fmt"
	"time"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults that protect administrators.
var (
	ErrAdministrator     = fault.New(fault.Forbidden, "member.administrator", "此人是平台管理员：换手机号、发邀请、解除绑定、停用和恢复，都只能由平台管理员办理。")
	ErrLastAdministrator = fault.New(fault.Conflict, "member.last_administrator", "这是本单位最后一位平台管理员，请先任命另一位。")
)

// Administrates returns a condition on the identifier of a person, with its
// arguments: who is an administrator on a day, or is appointed to become one.
func Administrates(person string, today calendar.Day) (condition string, args []any) {
	return "EXISTS (SELECT 1 FROM appointments adm WHERE adm.person_id = " + person + " AND adm.role = ? AND (adm.ends IS NULL OR adm.ends >= ? AND adm.ends >= adm.begins))",
		[]any{PlatformAdmin, today}
}

// IsAdministrator reports whether a person is an administrator, or is appointed
// to become one.
func IsAdministrator(ctx context.Context, c store.Conn, personID string, today calendar.Day) (bool, error) {
	condition, args := Administrates("people.id", today)
	var n int64
	err := c.Gorm(ctx).Model(&Person{}).Where("id = ?", personID).Where(condition, args...).Count(&n).Error
	if err != nil {
		return false, fmt.Errorf("look for an administrator: %w", err)
	}
	return n > 0, nil
}

// MayReplace returns ErrAdministrator where a person is an administrator and the
// actor is none. Whoever gives somebody another number, ends their binding or
// invites them can decide who sits in their seat, and whoever suspends them
// empties it: staff who keep the roster could else make themselves
// administrators, whom by MayGive only an administrator makes.
func MayReplace(ctx context.Context, c store.Conn, a Actor, personID string, now time.Time) error {
	if a.Is(PlatformAdmin) {
		return nil
	}
	protected, err := IsAdministrator(ctx, c, personID, calendar.Of(now))
	if err == nil && protected {
		err = ErrAdministrator
	}
	return err
}

// hasAnother returns ErrLastAdministrator where an institution has no
// administrator beside a person: one who is not suspended, and whose appointment
// has begun and has no end. Nobody could mend that without the command line.
// Whoever asks holds Lock.
func hasAnother(ctx context.Context, tx *store.Tx, institutionID, personID string, today calendar.Day) error {
	var n int64
	err := tx.Gorm(ctx).Raw(`SELECT COUNT(*) FROM appointments x JOIN people p ON p.id = x.person_id
		WHERE x.institution_id = ? AND x.role = ? AND x.person_id <> ? AND x.begins <= ? AND x.ends IS NULL AND p.suspended_at IS NULL`,
		institutionID, PlatformAdmin, personID, today).Scan(&n).Error
	if err != nil {
		return fmt.Errorf("count the administrators: %w", err)
	}
	if n == 0 {
		return ErrLastAdministrator
	}
	return nil
}
