package member

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"gorm.io/gorm"

	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/store"
)

// unplaced is the place of whoever an order does not name: behind all others.
const unplaced = 1_000_000

// Ranks is the setting of an institution for the order by 职务: the highest
// first. Whoever has another 职务, or none, comes after all of them.
func Ranks() institution.Setting[[]string] {
	return institution.Setting[[]string]{
		Name: "member.ranks", Label: "职务排序", Default: []string{"主席", "党组书记", "常务副主席", "副主席", "秘书长", "副秘书长", "常委"},
		Check: func(ranks []string) error {
			seen := map[string]bool{}
			for _, r := range ranks {
				if n := utf8.RuneCountInString(r); n == 0 || n > 20 || seen[r] {
					return fmt.Errorf("%q is empty, too long or there twice", r)
				}
				seen[r] = true
			}
			if len(ranks) > 50 {
				return fmt.Errorf("%d ranks", len(ranks))
			}
			return nil
		},
	}
}

// rankOf returns the place of a 职务 among ranks: of its best part, where it has
// several ("党组成员、副主席"). What stands before 政协 says only of which body
// it is.
func rankOf(position string, ranks []string) int {
	best := unplaced
	for _, part := range strings.FieldsFunc(position, func(r rune) bool { return strings.ContainsRune("、，,；;/ ", r) }) {
		if _, after, ok := strings.Cut(part, "政协"); ok {
			part = after
		}
		if i := slices.Index(ranks, part); i >= 0 && i < best {
			best = i
		}
	}
	return best
}

// ErrRanks is the fault of an order of 职务 that is none.
var ErrRanks = fault.New(fault.Invalid, "member.ranks", "职务不能重复，每个1到20个字，最多50个。")

// SetRanks gives an institution another order of 职务, for the people that it
// has as well. There are few different 职务, so that it is a few statements.
func (s *Service) SetRanks(ctx context.Context, tx *store.Tx, a Actor, ranks []string, now time.Time) error {
	raw, err := json.Marshal(ranks)
	if err != nil {
		return fmt.Errorf("set the ranks: %w", err)
	}
	if err := institution.Set(tx, now, a.InstitutionID, Ranks(), raw); err != nil {
		return ErrRanks
	}
	var positions []string
	err = tx.Gorm(ctx).Model(&Person{}).Where("institution_id = ? AND position <> ''", a.InstitutionID).Distinct().Pluck("position", &positions).Error
	if err != nil {
		return fmt.Errorf("list positions: %w", err)
	}
	by := map[int][]string{}
	for _, p := range positions {
		by[rankOf(p, ranks)] = append(by[rankOf(p, ranks)], p)
	}
	for place, of := range by {
		for some := range slices.Chunk(of, 500) {
			tx.Exec("UPDATE people SET rank_order = ? WHERE institution_id = ? AND position IN ? AND rank_order <> ?", place, a.InstitutionID, some, place)
		}
	}
	return nil
}

// Arrangement is what places people in the orders of an institution.
type Arrangement struct {
	ranks   []string
	sectors map[string]int
	strokes *Strokes
}

// Arrange reads the orders of an institution.
func Arrange(ctx context.Context, c store.Conn, institutionID string) (*Arrangement, error) {
	ranks, err := Ranks().Of(ctx, c, institutionID)
	if err != nil {
		return nil, err
	}
	rows, err := gorm.G[Division](c.Gorm(ctx)).Where("institution_id = ? AND kind = ?", institutionID, Sector).Find(ctx)
	if err != nil {
		return nil, fmt.Errorf("list sectors: %w", err)
	}
	x := &Arrangement{ranks: ranks, sectors: map[string]int{}, strokes: NewStrokes()}
	for _, r := range rows {
		x.sectors[r.Name] = r.Place
	}
	return x, nil
}

// Place gives a row its places in the orders.
func (x *Arrangement) Place(p *Person) {
	p.StrokeKey, p.RankOrder, p.SectorOrder = x.strokes.Key(p.Name), rankOf(p.Position, x.ranks), unplaced
	if place, ok := x.sectors[p.Sector]; ok {
		p.SectorOrder = place
	}
}

// AddSector tells of a sector that is about to be made.
func (x *Arrangement) AddSector(name string, place int) { x.sectors[name] = place }

// PlaceSectors gives everybody of an institution their place by the order of its
// sectors, in one statement.
func PlaceSectors(tx *store.Tx, institutionID string) {
	tx.Exec(`UPDATE people SET sector_order = COALESCE((SELECT d.place FROM divisions d
		WHERE d.institution_id = people.institution_id AND d.kind = ? AND d.name = people.sector), ?) WHERE institution_id = ?`,
		Sector, unplaced, institutionID)
}
