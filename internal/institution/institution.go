// Package institution knows the bodies that work with Yanlu, each at its level
// of the chain from province to town, and the units within their reach: the
// handling units, committees and offices to which matters go.
package institution

import (
	"context"
	"fmt"
	"slices"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// ErrNoUnit is the fault of a unit that this institution does not have.
var ErrNoUnit = fault.New(fault.Invalid, "institution.no_unit", "没有找到这个承办单位，请从列表中重新选择。")

// Level is where a body stands in the chain.
type Level string

// The levels of the bodies that use Yanlu.
const (
	Province   Level = "PROVINCE"
	Prefecture Level = "PREFECTURE"
	County     Level = "COUNTY"
	Town       Level = "TOWN"
)

// Profile says how an office divides its work.
type Profile string

const (
	// SmallOffice is the default: a few people share everything, so that each
	// staff role stands for all of them.
	SmallOffice Profile = "SMALL_OFFICE"
	// Divided keeps each staff role to itself.
	Divided Profile = "DIVIDED"
)

// Institution is one body (政协委员会 or the like), the tenant of every row.
type Institution struct {
	ID        string `gorm:"primaryKey"`
	ParentID  *string
	Name      string
	Level     Level
	Profile   Profile
	CreatedAt time.Time
}

// UnitKind says what sort of unit it is.
type UnitKind string

// The kinds of units.
const (
	HandlingUnit      UnitKind = "HANDLING_UNIT"      // 承办单位
	Committee         UnitKind = "COMMITTEE"          // 专门委员会
	Office            UnitKind = "OFFICE"             // 办公室, 信息科
	SupervisionOffice UnitKind = "SUPERVISION_OFFICE" // 督查室
	LiaisonGroup      UnitKind = "LIAISON_GROUP"      // 联络组, 联络处, 联络室, 联络办, 镇区工委
	StudyGroup        UnitKind = "STUDY_GROUP"        // 学习小组
	TaskForce         UnitKind = "TASK_FORCE"         // 专班
	Party             UnitKind = "PARTY"              // 民主党派的地方组织
	PeopleGroup       UnitKind = "PEOPLE_GROUP"       // 人民团体, 工商联
	Studio            UnitKind = "STUDIO"             // 委员工作室, 联络站
)

// Unit is one unit that an institution works with. Once made it is never
// deleted: matters speak of it. It is closed instead.
type Unit struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Name          string // 1–50 characters, unique in the institution
	Kind          UnitKind
	Alias         string     // what the place calls the kind, where that is another word: "联络室"
	EndedAt       *time.Time // closed since
	Version       int64
	CreatedAt     time.Time
}

// handles lists the kinds of units that can be given a matter to handle: also a
// committee or a task force, the supervision office, and a town's own 联络室.
var handles = []UnitKind{HandlingUnit, Committee, SupervisionOffice, LiaisonGroup, TaskForce}

// FindUnits returns the units with the given identifiers, in any order, each of
// this institution, not closed, and of a kind that handles matters. One that it
// does not have is ErrNoUnit.
func FindUnits(ctx context.Context, c store.Conn, institutionID string, ids []string) ([]Unit, error) {
	if slices.ContainsFunc(ids, func(id string) bool { return !store.IsID(id) }) {
		return nil, ErrNoUnit
	}
	units, err := gorm.G[Unit](c.Gorm(ctx)).
		Where("institution_id = ? AND kind IN ? AND ended_at IS NULL AND id IN ?", institutionID, handles, ids).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find units: %w", err)
	}
	if len(units) != len(ids) {
		return nil, ErrNoUnit
	}
	return units, nil
}

// UnitsByName returns the units of an institution that handle matters and have one
// of some names, by name. What it does not have is absent.
func UnitsByName(ctx context.Context, c store.Conn, institutionID string, names []string) (map[string]Unit, error) {
	units, err := gorm.G[Unit](c.Gorm(ctx)).Where("institution_id = ? AND name IN ? AND kind IN ? AND ended_at IS NULL", institutionID, names, handles).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find units by name: %w", err)
	}
	by := make(map[string]Unit, len(units))
	for _, u := range units {
		by[u.Name] = u
	}
	return by, nil
}

// UnitsCalled returns the unit of an institution, of any kind and not closed, that
// has just this name; none where it has none.
func UnitsCalled(ctx context.Context, c store.Conn, institutionID, name string) ([]Unit, error) {
	units, err := gorm.G[Unit](c.Gorm(ctx)).Where("institution_id = ? AND name = ? AND ended_at IS NULL", institutionID, name).Limit(1).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("find a unit by its name: %w", err)
	}
	return units, nil
}

// WithParent returns an institution and the one above it, nil at the top of the
// chain.
func WithParent(ctx context.Context, c store.Conn, id string) (own Institution, parent *Institution, err error) {
	var rows []Institution
	err = c.Gorm(ctx).Raw("SELECT * FROM institutions WHERE id = ? OR id = (SELECT parent_id FROM institutions WHERE id = ?)", id, id).Scan(&rows).Error
	if err != nil {
		return own, nil, fmt.Errorf("find an institution: %w", err)
	}
	for _, r := range rows {
		if r.ID == id {
			own = r
		} else {
			parent = &r
		}
	}
	return own, parent, nil
}

// OnlyName returns what the institution is called, where there is one alone; else
// it is empty.
func OnlyName(ctx context.Context, c store.Conn) (string, error) {
	var names []string
	if err := c.Gorm(ctx).Raw("SELECT name FROM institutions LIMIT 2").Scan(&names).Error; err != nil {
		return "", fmt.Errorf("find the only institution: %w", err)
	}
	if len(names) != 1 {
		return "", nil
	}
	return names[0], nil
}

// levels are the levels of the chain, from its top.
var levels = []Level{Province, Prefecture, County, Town}

// PutUnder puts an institution below the one of a name, which must be there and of
// a higher level: so the chain has no ring.
func PutUnder(ctx context.Context, tx *store.Tx, i Institution, parent string) error {
	p, err := gorm.G[Institution](tx.Gorm(ctx)).Where("name = ?", parent).First(ctx)
	if err != nil {
		return fmt.Errorf("find the institution %s to be above %s: %w", parent, i.Name, err)
	}
	if slices.Index(levels, p.Level) >= slices.Index(levels, i.Level) {
		return fmt.Errorf("%s is a %s: it cannot be above %s, a %s", p.Name, p.Level, i.Name, i.Level)
	}
	tx.Exec("UPDATE institutions SET parent_id = ? WHERE id = ?", p.ID, i.ID)
	return nil
}

// Add queues a new body; parentID is nil at the top of the chain.
func Add(tx *store.Tx, now time.Time, name string, level Level, profile Profile, parentID *string) Institution {
	i := Institution{ID: store.NewID(), ParentID: parentID, Name: name, Level: level, Profile: profile, CreatedAt: now}
	tx.Insert(&i)
	return i
}

// AddUnit queues a new unit of an institution.
func AddUnit(tx *store.Tx, now time.Time, institutionID, name string, kind UnitKind) Unit {
	u := Unit{ID: store.NewID(), InstitutionID: institutionID, Name: name, Kind: kind, Version: 1, CreatedAt: now}
	tx.Insert(&u)
	return u
}
