package institution

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// The faults of keeping units.
var (
	ErrUnitNotFound = fault.New(fault.NotFound, "institution.unit_not_found", "没有找到这个单位，可能不属于本单位的名册。")
	ErrUnitName     = fault.New(fault.Conflict, "institution.unit_name", "已有同名的单位。如果它已停用，请恢复使用，不必新建。")
	ErrUnitKind     = fault.New(fault.Invalid, "institution.unit_kind", "单位类型不正确，请从列表中选择。")
	ErrUnitStale    = fault.New(fault.Conflict, "institution.unit_stale", "这个单位刚刚被别人改动过，请刷新后再试。")
)

// words are what each kind of unit is called: the usual word first, then those
// that a place may use instead and that are kept as the unit's alias.
var words = map[UnitKind][]string{
	HandlingUnit:      {"承办单位"},
	Committee:         {"专门委员会", "专委会"},
	Office:            {"办公室", "信息科"},
	SupervisionOffice: {"督查室"},
	LiaisonGroup:      {"联络组", "联络处", "联络室", "联络办", "镇区工委"},
	StudyGroup:        {"学习小组"},
	TaskForce:         {"专班"},
	Party:             {"民主党派"},
	PeopleGroup:       {"人民团体", "工商联"},
	Studio:            {"委员工作室", "联络站"},
}

// UnitKinds lists the kinds, sorted.
func UnitKinds() []UnitKind { return slices.Sorted(maps.Keys(words)) }

// Label is the usual word for a kind of unit, empty for none of ours.
func (k UnitKind) Label() string {
	if w := words[k]; len(w) > 0 {
		return w[0]
	}
	return ""
}

// UnitWords lists every word for a kind of unit that UnitKindOf understands.
func UnitWords() []string {
	var all []string
	for _, k := range []UnitKind{HandlingUnit, Committee, Office, SupervisionOffice, LiaisonGroup, StudyGroup, TaskForce, Party, PeopleGroup, Studio} {
		all = append(all, words[k]...)
	}
	return all
}

// UnitKindOf reads a word for a kind of unit. Alias is the word itself where it
// is not the usual one.
func UnitKindOf(word string) (kind UnitKind, alias string, ok bool) {
	for k, w := range words {
		switch i := slices.Index(w, word); {
		case i == 0:
			return k, "", true
		case i > 0:
			return k, word, true
		}
	}
	return "", "", false
}

// Word is what the place calls the kind of the unit.
func (u Unit) Word() string {
	if u.Alias != "" {
		return u.Alias
	}
	return u.Kind.Label()
}

// FormerName is what a unit was called until some time.
type FormerName struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	UnitID        string
	Name          string
	Until         time.Time
}

// TableName names the table.
func (FormerName) TableName() string { return "unit_names" }

// UnitFilter narrows a list of units.
type UnitFilter struct {
	Kinds  []UnitKind // empty: the handling units, to which matters go
	IDs    []string   // only these; empty: any
	Closed Closed
	Begins string // what the name begins with; empty: anything
	After  string // identifier of the last unit seen
	Limit  int
}

// Closed says whether closed units are wanted.
type Closed string

// The choices of Closed.
const (
	OpenOnly   Closed = "OPEN"
	ClosedOnly Closed = "CLOSED"
	OpenOrNot  Closed = "ALL"
)

// Units returns units of an institution in the order in which they were made.
func Units(ctx context.Context, c store.Conn, institutionID string, f UnitFilter) ([]Unit, error) {
	kinds := f.Kinds
	if len(kinds) == 0 {
		kinds = handles
	}
	q := gorm.G[Unit](c.Gorm(ctx)).Where("institution_id = ? AND kind IN ?", institutionID, kinds)
	switch f.Closed {
	case OpenOrNot:
	case ClosedOnly:
		q = q.Where("ended_at IS NOT NULL")
	default:
		q = q.Where("ended_at IS NULL")
	}
	if len(f.IDs) > 0 {
		q = q.Where("id IN ?", f.IDs)
	}
	if f.Begins != "" {
		q = q.Where("SUBSTR(name, 1, ?) = ?", utf8.RuneCountInString(f.Begins), f.Begins)
	}
	if f.After != "" {
		q = q.Where("id > ?", f.After)
	}
	units, err := q.Order("id").Limit(f.Limit).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	return units, nil
}

// AllUnits returns every unit of an institution, closed ones too, for an import.
func AllUnits(ctx context.Context, c store.Conn, institutionID string) ([]Unit, error) {
	units, err := gorm.G[Unit](c.Gorm(ctx)).Where("institution_id = ?", institutionID).Order("id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list units: %w", err)
	}
	return units, nil
}

// LoadUnits adds the query for units of an institution that are not closed to a batch,
// in the order in which they were made.
func LoadUnits(b *store.Batch, into *[]Unit, institutionID string, ids []string) {
	store.Read(b, into, "SELECT * FROM units WHERE institution_id = ? AND id IN ? AND ended_at IS NULL ORDER BY id", institutionID, ids)
}

// FindUnit returns a unit of an institution, closed or not, or ErrUnitNotFound.
func FindUnit(ctx context.Context, c store.Conn, institutionID, id string) (Unit, error) {
	if !store.IsID(id) {
		return Unit{}, ErrUnitNotFound
	}
	u, err := gorm.G[Unit](c.Gorm(ctx)).Where("institution_id = ? AND id = ?", institutionID, id).First(ctx)
	return u, store.Found(err, ErrUnitNotFound, "find a unit")
}

// FormerNames returns what a unit was called before, the oldest first.
func FormerNames(ctx context.Context, c store.Conn, u Unit) ([]FormerName, error) {
	names, err := gorm.G[FormerName](c.Gorm(ctx)).Where("institution_id = ? AND unit_id = ?", u.InstitutionID, u.ID).Order("id").Limit(100).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the former names of a unit: %w", err)
	}
	return names, nil
}

// UnitInput is what a unit is to be.
type UnitInput struct {
	Name string
	Word string // for its kind, as in UnitWords
}

// MakeUnit writes a new unit. A name that another unit of the institution has,
// closed or not, is ErrUnitName.
func MakeUnit(ctx context.Context, tx *store.Tx, now time.Time, institutionID string, in UnitInput) (Unit, error) {
	kind, alias, ok := UnitKindOf(in.Word)
	if !ok {
		return Unit{}, ErrUnitKind
	}
	u := Unit{ID: store.NewID(), InstitutionID: institutionID, Name: strings.TrimSpace(in.Name), Kind: kind, Alias: alias, Version: 1, CreatedAt: now}
	// The look before is what meets a key that was used already: after it, what is
	// there twice can only be the name.
	n, err := gorm.G[Unit](tx.Gorm(ctx)).Where("institution_id = ? AND name = ?", institutionID, u.Name).Count(ctx, "id")
	if err != nil {
		return Unit{}, fmt.Errorf("look for the name of a unit: %w", err)
	}
	if n > 0 {
		return Unit{}, ErrUnitName
	}
	err = tx.Gorm(ctx).Create(&u).Error
	if store.IsDuplicate(err) {
		return Unit{}, ErrUnitName
	}
	if err != nil {
		return Unit{}, fmt.Errorf("make a unit: %w", err)
	}
	return u, nil
}

// ChangeUnit renames a unit or gives it another kind. What it was called before
// is kept. ErrUnitStale tells that it has changed since version.
func ChangeUnit(ctx context.Context, tx *store.Tx, now time.Time, institutionID, id string, version int64, in UnitInput) (Unit, error) {
	kind, alias, ok := UnitKindOf(in.Word)
	if !ok {
		return Unit{}, ErrUnitKind
	}
	u, err := FindUnit(ctx, tx, institutionID, id)
	if err != nil {
		return u, err
	}
	if name := strings.TrimSpace(in.Name); name != u.Name {
		tx.Insert(&FormerName{ID: store.NewID(), InstitutionID: institutionID, UnitID: id, Name: u.Name, Until: now})
		u.Name = name
	}
	u.Kind, u.Alias = kind, alias
	return u, writeUnit(ctx, tx, &u, version)
}

// CloseUnit ends a unit: it is offered no more, while what it has in hand goes
// on. To close it twice changes nothing.
func CloseUnit(ctx context.Context, tx *store.Tx, now time.Time, institutionID, id string, version int64) (Unit, error) {
	u, err := FindUnit(ctx, tx, institutionID, id)
	if err != nil || u.EndedAt != nil {
		return u, err
	}
	u.EndedAt = &now
	return u, writeUnit(ctx, tx, &u, version)
}

// ReopenUnit lets a closed unit be used again.
func ReopenUnit(ctx context.Context, tx *store.Tx, institutionID, id string, version int64) (Unit, error) {
	u, err := FindUnit(ctx, tx, institutionID, id)
	if err != nil || u.EndedAt == nil {
		return u, err
	}
	u.EndedAt = nil
	return u, writeUnit(ctx, tx, &u, version)
}

func writeUnit(ctx context.Context, tx *store.Tx, u *Unit, version int64) error {
	r := tx.Gorm(ctx).Model(&Unit{}).Where("institution_id = ? AND id = ? AND version = ?", u.InstitutionID, u.ID, version).
		Updates(map[string]any{"name": u.Name, "kind": u.Kind, "alias": u.Alias, "ended_at": u.EndedAt, "version": version + 1})
	switch {
	case store.IsDuplicate(r.Error):
		return ErrUnitName
	case r.Error != nil:
		return fmt.Errorf("change a unit: %w", r.Error)
	case r.RowsAffected == 0:
		return ErrUnitStale
	}
	u.Version = version + 1
	return nil
}
