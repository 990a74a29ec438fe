package member

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults of terms.
var (
	ErrTermNotFound = fault.New(fault.NotFound, "member.term_not_found", "没有找到这一届。")
	ErrTermOrdinal  = fault.New(fault.Conflict, "member.term_ordinal", "这一届已经添加过了，请核对届数。")
	ErrTermDates    = fault.New(fault.Invalid, "member.term_dates", "起止日期不正确：结束日期要在开始日期之后，并且不能与别的届重叠。")
	ErrTermStale    = fault.New(fault.Conflict, "member.term_stale", "这一届刚刚被别人改动过，请刷新后再试。")
)

// Terms lists the terms of an institution, the newest first.
func Terms(ctx context.Context, c store.Conn, institutionID string) ([]Term, error) {
	rows, err := gorm.G[Term](c.Gorm(ctx)).Where("institution_id = ?", institutionID).Order("ordinal DESC").Limit(100).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list terms: %w", err)
	}
	return rows, nil
}

// FindTerm returns a term of an institution, or ErrTermNotFound.
func FindTerm(ctx context.Context, c store.Conn, institutionID, id string) (Term, error) {
	if !store.IsID(id) {
		return Term{}, ErrTermNotFound
	}
	t, err := gorm.G[Term](c.Gorm(ctx)).Where("institution_id = ? AND id = ?", institutionID, id).First(ctx)
	return t, store.Found(err, ErrTermNotFound, "find a term")
}

// MakeTerm writes a new term. Terms do not overlap (ErrTermDates), and none is
// there twice (ErrTermOrdinal).
func MakeTerm(ctx context.Context, tx *store.Tx, institutionID string, ordinal int, begins, ends calendar.Day) (Term, error) {
	t := Term{ID: store.NewID(), InstitutionID: institutionID, Ordinal: ordinal, Begins: begins, Ends: ends, Version: 1}
	if err := fits(ctx, tx, t); err != nil {
		return t, err
	}
	tx.Insert(&t)
	return t, nil
}

// ChangeTerm gives a term another number or other dates. ErrTermStale tells that
// it has changed since version.
func ChangeTerm(ctx context.Context, tx *store.Tx, institutionID, id string, version int64, ordinal int, begins, ends calendar.Day) (Term, error) {
	t, err := FindTerm(ctx, tx, institutionID, id)
	if err != nil {
		return t, err
	}
	t.Ordinal, t.Begins, t.Ends = ordinal, begins, ends
	if err := fits(ctx, tx, t); err != nil {
		return t, err
	}
	r := tx.Gorm(ctx).Model(&Term{}).Where("institution_id = ? AND id = ? AND version = ?", institutionID, id, version).
		Updates(map[string]any{"ordinal": ordinal, "begins": begins, "ends": ends, "version": version + 1})
	if r.Error != nil {
		return t, fmt.Errorf("change a term: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return t, ErrTermStale
	}
	t.Version = version + 1
	return t, nil
}

// fits checks a term against the others of its institution.
func fits(ctx context.Context, tx *store.Tx, t Term) error {
	Lock(tx, t.InstitutionID)
	others, err := Terms(ctx, tx, t.InstitutionID)
	if err != nil {
		return err
	}
	if !t.Begins.Before(t.Ends) {
		return ErrTermDates
	}
	for _, x := range others {
		switch {
		case x.ID == t.ID:
		case x.Ordinal == t.Ordinal:
			return ErrTermOrdinal
		case !x.Ends.Before(t.Begins) && !t.Ends.Before(x.Begins):
			return ErrTermDates
		}
	}
	return nil
}

// Label is what people call a term: 第十一届.
func (t Term) Label() string { return "第" + Numeral(t.Ordinal) + "届" }

const digits = "零一二三四五六七八九"

// Numeral writes a number from 1 to 99 as Chinese do, 十一 for 11; others in digits.
func Numeral(n int) string {
	if n < 1 || n > 99 {
		return strconv.Itoa(n)
	}
	digit := func(i int) string { return string([]rune(digits)[i]) }
	s := ""
	if n >= 20 {
		s = digit(n / 10)
	}
	if n >= 10 {
		s += "十"
	}
	if n%10 > 0 {
		s += digit(n % 10)
	}
	return s
}

// TermOrdinal reads what people write for a term: 第十一届, 十一届, 第11届, 11.
func TermOrdinal(s string) (int, bool) {
	s = strings.TrimSuffix(strings.TrimPrefix(strings.Join(strings.Fields(s), ""), "第"), "届")
	for n := 1; n <= 99; n++ {
		if s == strconv.Itoa(n) || s == Numeral(n) {
			return n, true
		}
	}
	return 0, false
}
