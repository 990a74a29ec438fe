// Package phrase keeps the phrases (常用语, 答复模板) that people choose from when
// they fill in a form: why a 微建议 is not accepted, how an answer begins. An
// institution keeps some for its office and its units, and each unit its own.
//
// For which fields there may be phrases, the tables of the kinds say; this
// package knows none of them.
package phrase

import (
	"slices"
	"time"

	"yanlu/internal/fault"
	"yanlu/internal/member"
	"yanlu/internal/workflow"
)

// The faults of phrases.
var (
	ErrNotFound = fault.New(fault.NotFound, "phrase.not_found", "没有找到这条常用语，可能已被删除。")
	ErrNotYours = fault.New(fault.Forbidden, "phrase.not_yours", "这条常用语由政协统一维护，您不能修改。可以为本单位另存一条。")
	ErrStale    = fault.New(fault.Conflict, "phrase.stale", "这条常用语刚刚被他人修改过，请刷新后再改。")
	ErrPurpose  = fault.New(fault.Invalid, "phrase.purpose", "没有这种用途，请从列表中重新选择。")
	ErrTooLong  = fault.New(fault.Invalid, "phrase.too_long", "内容超过了这一栏能填的字数，请缩短。")
	ErrUnit     = fault.New(fault.Invalid, "phrase.unit", "请选择您自己的单位。")
	ErrFull     = fault.New(fault.Conflict, "phrase.full", "这种用途的常用语已经有100条，请先删除不用的。")
)

// MaxPhrases is how many phrases an institution, or a unit, keeps for one
// purpose. Several who add at once may pass it by one or two.
const MaxPhrases = 100

// Phrase is one text to choose.
type Phrase struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	UnitID        *string // whose own it is; nil: the institution's
	Purpose       string
	Category      string // of matters for which it is; empty: all
	Title         string // as it is listed
	Body          string // what is put into the field
	Ordinal       int    // its place among those of the purpose
	Version       int64
	CreatedAt     time.Time
	UpdatedAt     time.Time
}

// Purpose is a field of an action for which phrases are kept.
type Purpose struct {
	workflow.Phrased
	ForUnits bool // units fill it in
}

// Purposes lists what phrases may be kept for: the fields that the tables mark,
// of actions that the office or a unit takes. Units are the parties of units.
func Purposes(tables []workflow.Table, units []workflow.Party) []Purpose {
	office := append(member.OfficeRoles(), member.Leader)
	var all []Purpose
	for _, t := range tables {
		for _, f := range t.Phrased() {
			p := Purpose{Phrased: f, ForUnits: anyOf(f.Who, units)}
			if p.ForUnits || anyOf(f.Who, office) {
				all = append(all, p)
			}
		}
	}
	return all
}

func anyOf(who, parties []workflow.Party) bool {
	return slices.ContainsFunc(who, func(p workflow.Party) bool { return slices.Contains(parties, p) })
}

// oversees reports whether the actor sees and uses all that the institution
// keeps: the office and the leaders.
func oversees(a member.Actor) bool { return a.Staff() || a.Is(member.Leader) }

// sees reports whether the actor sees a phrase: the office what the institution
// keeps, a unit's people the unit's own, and of the institution's what units
// fill in.
func (s *Service) sees(a member.Actor, p Phrase) bool {
	switch {
	case p.InstitutionID != a.InstitutionID:
		return false
	case p.UnitID != nil:
		return slices.Contains(a.Units(), *p.UnitID)
	case oversees(a):
		return true
	}
	purpose, ok := s.purpose(p.Purpose)
	return ok && purpose.ForUnits && len(a.Units()) > 0
}

// Keeps reports whether the actor may change a phrase that they see.
func Keeps(a member.Actor, p Phrase) bool {
	if p.UnitID == nil {
		return a.Staff()
	}
	return slices.Contains(a.Units(), *p.UnitID)
}
