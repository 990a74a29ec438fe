package member

import (
	"context"
	"fmt"
	"slices"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/store"
)

// DivisionKind says into what members are divided.
type DivisionKind string

// The kinds of divisions.
const (
	Sector DivisionKind = "SECTOR" // 界别
	Group  DivisionKind = "GROUP"  // 联络组, 学习小组
)

// The faults of sectors and groups.
var (
	ErrDivisionNotFound = fault.New(fault.NotFound, "member.division_not_found", "没有找到这个界别或联络组。")
	ErrDivisionName     = fault.New(fault.Conflict, "member.division_name", "已有同名的界别或联络组。如果它已停用，请恢复使用，不必新建。")
	ErrDivisionStale    = fault.New(fault.Conflict, "member.division_stale", "这一项刚刚被别人改动过，请刷新后再试。")
	ErrDivisionOrder    = fault.New(fault.Conflict, "member.division_order", "列表刚刚有变动，请刷新后重新排序：要把每一项都排上，不多不少。")
	ErrNoSector         = fault.New(fault.Invalid, "member.no_sector", "没有这个界别，或它已停用，请从列表中选择，或先添加。")
	ErrNoGroup          = fault.New(fault.Invalid, "member.no_group", "没有这个联络组，或它已停用，请从列表中选择，或先添加。")
	ErrDivisionsFull    = fault.New(fault.Conflict, "member.divisions_full", fmt.Sprintf("最多%d个，请停用或改名已有的。", MaxDivisions))
)

// MaxDivisions bounds the sectors, and the groups, of an institution.
const MaxDivisions = 500

// Division is a sector or a group. People have it by its name, which the hot
// path of every request reads; this is the list of the names and their order.
type Division struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Kind          DivisionKind
	Name          string // 1–50 characters, unique in its kind
	Place         int    // in the order, from 1
	EndedAt       *time.Time
	Version       int64
	CreatedAt     time.Time
}

// column is the column of people that has the name.
func (k DivisionKind) column() string {
	if k == Sector {
		return "sector"
	}
	return "group_name"
}

// Divisions lists the sectors or groups of an institution in their order, those
// that have ended too. There are at most MaxDivisions.
func Divisions(ctx context.Context, c store.Conn, institutionID string, kind DivisionKind) ([]Division, error) {
	rows, err := gorm.G[Division](c.Gorm(ctx)).Where("institution_id = ? AND kind = ?", institutionID, kind).Order("place, id").Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list divisions: %w", err)
	}
	return rows, nil
}

// LoadDivisions adds the query for the sector and the group of an actor to a batch,
// but for what has ended.
func LoadDivisions(b *store.Batch, into *[]Division, a Actor) {
	store.Read(b, into, `SELECT * FROM divisions WHERE institution_id = ? AND ended_at IS NULL
		AND (kind = ? AND name = ? OR kind = ? AND name = ?) ORDER BY kind DESC`, a.InstitutionID, Sector, a.Sector, Group, a.GroupName)
}

// FindDivision returns a sector or group of an institution, or
// ErrDivisionNotFound.
func FindDivision(ctx context.Context, c store.Conn, institutionID string, kind DivisionKind, id string) (Division, error) {
	d, err := gorm.G[Division](c.Gorm(ctx)).Where("institution_id = ? AND kind = ? AND id = ?", institutionID, kind, id).First(ctx)
	return d, store.Found(err, ErrDivisionNotFound, "find a division")
}

// AddDivision queues a sector or group at a place of the order.
func AddDivision(tx *store.Tx, now time.Time, institutionID string, kind DivisionKind, name string, place int) Division {
	d := Division{ID: store.NewID(), InstitutionID: institutionID, Kind: kind, Name: name, Place: place, Version: 1, CreatedAt: now}
	tx.Insert(&d)
	return d
}

// MakeDivision writes a new sector or group at the end of the order.
func MakeDivision(ctx context.Context, tx *store.Tx, now time.Time, institutionID string, kind DivisionKind, name string) (Division, error) {
	Lock(tx, institutionID)
	rows, err := Divisions(ctx, tx, institutionID, kind)
	if err != nil {
		return Division{}, err
	}
	if len(rows) >= MaxDivisions {
		return Division{}, ErrDivisionsFull
	}
	place := 1
	for _, r := range rows {
		if r.Name == name {
			return Division{}, ErrDivisionName
		}
		place = max(place, r.Place+1)
	}
	d := AddDivision(tx, now, institutionID, kind, name, place)
	PlaceSectors(tx, institutionID) // people may have the name already
	return d, nil
}

// RenameDivision gives a sector or group another name, and with it everybody
// who is in it. What was handed in before keeps the name of its day.
func RenameDivision(ctx context.Context, tx *store.Tx, now time.Time, institutionID string, kind DivisionKind, id string, version int64, name string) (Division, error) {
	d, err := FindDivision(ctx, tx, institutionID, kind, id)
	if err != nil {
		return d, err
	}
	old := d.Name
	d.Name = name
	if err := writeDivision(ctx, tx, &d, version); err != nil || old == name {
		return d, err
	}
	column := kind.column()
	tx.Exec("UPDATE people SET "+column+" = ?, version = version + 1, updated_at = ? WHERE institution_id = ? AND "+column+" = ?", name, now, institutionID, old)
	PlaceSectors(tx, institutionID)
	return d, nil
}

// EndDivision ends a sector or group: whoever is in it stays, nobody new comes
// in. To end it twice changes nothing.
func EndDivision(ctx context.Context, tx *store.Tx, now time.Time, institutionID string, kind DivisionKind, id string, version int64) (Division, error) {
	d, err := FindDivision(ctx, tx, institutionID, kind, id)
	if err != nil || d.EndedAt != nil {
		return d, err
	}
	d.EndedAt = &now
	return d, writeDivision(ctx, tx, &d, version)
}

// RestoreDivision opens a sector or group that had ended.
func RestoreDivision(ctx context.Context, tx *store.Tx, institutionID string, kind DivisionKind, id string, version int64) (Division, error) {
	d, err := FindDivision(ctx, tx, institutionID, kind, id)
	if err != nil || d.EndedAt == nil {
		return d, err
	}
	d.EndedAt = nil
	return d, writeDivision(ctx, tx, &d, version)
}

// OrderDivisions puts the sectors or groups of an institution into an order.
// The identifiers are those of all of them, or it is ErrDivisionOrder.
func OrderDivisions(ctx context.Context, tx *store.Tx, institutionID string, kind DivisionKind, ids []string) error {
	Lock(tx, institutionID)
	rows, err := Divisions(ctx, tx, institutionID, kind)
	if err != nil {
		return err
	}
	place := map[string]int{}
	for i, id := range ids {
		place[id] = i + 1
	}
	if len(place) != len(rows) || len(ids) != len(rows) || slices.ContainsFunc(rows, func(d Division) bool { return place[d.ID] == 0 }) {
		return ErrDivisionOrder
	}
	for _, d := range rows {
		if d.Place != place[d.ID] {
			tx.Exec("UPDATE divisions SET place = ?, version = version + 1 WHERE institution_id = ? AND id = ?", place[d.ID], institutionID, d.ID)
		}
	}
	if kind == Sector {
		PlaceSectors(tx, institutionID)
	}
	return nil
}

// ofList returns a fault unless a name is one of the institution's sectors or
// groups that have not ended. The empty name is none, which is allowed.
func ofList(ctx context.Context, c store.Conn, institutionID string, kind DivisionKind, name string) error {
	if name == "" {
		return nil
	}
	n, err := gorm.G[Division](c.Gorm(ctx)).Where("institution_id = ? AND kind = ? AND name = ? AND ended_at IS NULL", institutionID, kind, name).Count(ctx, "id")
	switch {
	case err != nil:
		return fmt.Errorf("find a division by its name: %w", err)
	case n > 0:
		return nil
	case kind == Sector:
		return ErrNoSector
	}
	return ErrNoGroup
}

// DivisionName reports whether a text may be the name of a sector or group.
func DivisionName(s string) bool { n := utf8.RuneCountInString(s); return n > 0 && n <= 50 }

func writeDivision(ctx context.Context, tx *store.Tx, d *Division, version int64) error {
	r := tx.Gorm(ctx).Model(&Division{}).Where("institution_id = ? AND id = ? AND version = ?", d.InstitutionID, d.ID, version).
		Updates(map[string]any{"name": d.Name, "ended_at": d.EndedAt, "version": version + 1})
	switch {
	case store.IsDuplicate(r.Error):
		return ErrDivisionName
	case r.Error != nil:
		return fmt.Errorf("change a division: %w", r.Error)
	case r.RowsAffected == 0:
		return ErrDivisionStale
	}
	d.Version = version + 1
	return nil
}

// Lock lets changes of one institution's roster that look at more than one row
// wait for each other, until the transaction ends. SQLite has one writer anyway.
func Lock(tx *store.Tx, institutionID string) {
	if tx.Postgres() {
		tx.Exec("SELECT 1 FROM institutions WHERE id = ? FOR NO KEY UPDATE", institutionID)
	}
}
