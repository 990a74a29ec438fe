package account

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"

	"yanlu/internal/member"
	"yanlu/internal/store"
)

// pictureCalls is how many pictures are asked for at once, and pictureTime how
// long in all: the answer must go out before the server's own time-out.
const (
	pictureCalls = 8
	pictureTime  = 20 * time.Second
)

// Sheet is what is printed: the live invitations of some people, with codes and
// pictures, by group and name.
type Sheet struct {
	Institution string
	Cards       []Issue
	Next        string // identifier of the last one, where there are more
	// Trouble is why pictures are missing; the codes in letters are all there.
	// What could be fetched is kept, and printing again asks for the rest.
	Trouble error
}

// Cards returns up to limit live invitations of the actor's institution, of one
// group where it is not empty, issued after the one that is named. A picture is
// asked of the platform once and kept as long as the invitation lives. Without
// any such invitation it is ErrNoCards. Those of administrators are for
// administrators alone, see member.MayReplace.
func (s *Service) Cards(ctx context.Context, a member.Actor, group, after string, limit int) (Sheet, error) {
	guarded, args := guardedFrom(a, s.now())
	q := s.issues(ctx, s.db, a, issueColumns+", i.code_sealed, i.picture_sealed").
		Where("i.used_at IS NULL AND i.expires_at > ? AND i.code_sealed IS NOT NULL AND p.suspended_at IS NULL", s.now()).
		Where("NOT "+guarded, args...)
	if group != "" {
		q = q.Where("p.group_name = ?", group)
	}
	if after != "" {
		q = q.Where("i.id > ?", after)
	}
	var sheet Sheet
	if err := q.Order("i.id").Limit(limit + 1).Scan(&sheet.Cards).Error; err != nil {
		return Sheet{}, fmt.Errorf("list the cards: %w", err)
	}
	if len(sheet.Cards) == 0 {
		return Sheet{}, ErrNoCards
	}
	if len(sheet.Cards) > limit {
		sheet.Cards = sheet.Cards[:limit]
		sheet.Next = sheet.Cards[limit-1].ID
	}
	for i := range sheet.Cards {
		if err := s.openCard(&sheet.Cards[i]); err != nil {
			return Sheet{}, err
		}
	}
	err := s.db.Gorm(ctx).Raw("SELECT name FROM institutions WHERE id = ?", a.InstitutionID).Scan(&sheet.Institution).Error
	if err != nil {
		return Sheet{}, fmt.Errorf("find the institution: %w", err)
	}
	if sheet.Trouble, err = s.fetchPictures(ctx, sheet.Cards); err != nil {
		return Sheet{}, err
	}
	slices.SortStableFunc(sheet.Cards, func(x, y Issue) int {
		return cmp.Or(cmp.Compare(x.GroupName, y.GroupName), cmp.Compare(x.Name, y.Name))
	})
	return sheet, nil
}

func (s *Service) openCard(x *Issue) error {
	var err error
	if x.Code, err = s.keeper.Open(x.CodeSealed, invitationPurpose+":"+x.ID); err != nil {
		return fmt.Errorf("open the invitation %s: %w", x.ID, err)
	}
	x.State = Issued
	if len(x.PictureSealed) == 0 {
		return nil
	}
	picture, err := s.keeper.Open(x.PictureSealed, picturePurpose+":"+x.ID)
	if err != nil {
		return fmt.Errorf("open the picture of %s: %w", x.ID, err)
	}
	x.Picture = []byte(picture)
	return nil
}

// fetchPictures asks for the pictures that are missing and keeps them. The first
// refusal ends the asking: what is wrong with one is wrong with all.
func (s *Service) fetchPictures(ctx context.Context, cards []Issue) (trouble, err error) {
	bounded, cancel := context.WithTimeout(ctx, pictureTime)
	defer cancel()
	group, inner := errgroup.WithContext(bounded)
	group.SetLimit(pictureCalls)
	fetched := make([]bool, len(cards))
	for i := range cards {
		if len(cards[i].Picture) > 0 {
			continue
		}
		if inner.Err() != nil {
			break
		}
		group.Go(func() error {
			picture, err := s.platform.Code(inner, cards[i].Code)
			if err != nil {
				return err
			}
			cards[i].Picture, fetched[i] = picture, true
			return nil
		})
	}
	trouble = group.Wait()
	return trouble, s.keepPictures(context.WithoutCancel(ctx), cards, fetched)
}

func (s *Service) keepPictures(ctx context.Context, cards []Issue, fetched []bool) error {
	err := s.db.Tx(ctx, func(tx *store.Tx) error {
		for i, x := range cards {
			if !fetched[i] {
				continue
			}
			sealed, err := s.keeper.Seal(string(x.Picture), picturePurpose+":"+x.ID)
			if err != nil {
				return err
			}
			// Not where it was used or ended meanwhile.
			tx.Exec("UPDATE invitations SET picture_sealed = ? WHERE id = ? AND code_sealed IS NOT NULL", sealed, x.ID)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("keep the pictures: %w", err)
	}
	return nil
}
