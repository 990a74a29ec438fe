package proposal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"gorm.io/gorm"

	"yanlu/internal/calendar"
	"yanlu/internal/fault"
	"yanlu/internal/institution"
	"yanlu/internal/matter"
	"yanlu/internal/member"
	"yanlu/internal/notify"
	"yanlu/internal/store"
)

// The faults of collections.
var (
	ErrNoCollection     = fault.New(fault.NotFound, "proposal.no_collection", "没有找到这项征集。")
	ErrCollection       = fault.New(fault.Invalid, "proposal.collection", "请选择一项正在进行的上级征集。")
	ErrCollectionClosed = fault.New(fault.Conflict, "proposal.collection_closed", "上级的这项征集还没有开始，或已经截止。您可以先存为草稿，或提交给本级政协。")
	ErrCollectionDates  = fault.New(fault.Invalid, "proposal.collection_dates", "征集的日期不正确：截止时间要在开始日期之后，大会开幕日也不能早于开始日期。")
	ErrCollectionTwice  = fault.New(fault.Conflict, "proposal.collection_twice", "这次会议已经设置过了，请直接修改。")
	ErrCollectionStale  = fault.New(fault.Conflict, "proposal.collection_stale", "这项征集刚刚被别人改动过，请刷新后再试。")
	ErrNobodyAbove      = fault.New(fault.Invalid, "proposal.nobody_above", "本单位在本平台没有上级政协。请写明是哪一级政协的征集，提交后的编号、答复和表彰由办公室登记。")
	ErrSession          = fault.New(fault.Invalid, "proposal.session", "本级政协的征集请写明第几次会议和开幕日；上级的征集请写明是哪一级政协，不填会议次数。")
	ErrNoSession        = fault.New(fault.Conflict, "proposal.no_session", "这件提案还不属于哪一次会议，不能编号。请先设置这一次会议的征集时间。")
)

// CollectMonths is how many months before the opening of a plenary its proposals may
// be handed in (domain.md §3.3).
const CollectMonths = 3

// Collection is a window in which proposals are collected (征集): for a session (次)
// of this body, of which it is the record, or for a higher body, outside the own
// numbers and counts.
type Collection struct {
	ID            string `gorm:"primaryKey"`
	InstitutionID string
	Body          string        // the higher body, "市政协"; empty: this one
	Here          bool          // that body is the parent institution of this installation, and gets what is handed up here
	TermID        *string       // 届 of an own session
	Session       int           // 次 of an own session; 0 of a higher body's
	Name          string        // of a higher body's: "五届四次会议提案征集"; may be empty
	Begins        calendar.Day  // the first day
	Opens         *calendar.Day // of the plenary
	Deadline      time.Time     // until then it is a 大会提案; of a higher body's: until then it is taken
	Note          string        // what the announcement says beside the dates
	AnnouncedAt   *time.Time
	Version       int64
	CreatedAt     time.Time
}

// Upper reports whether it is a higher body's.
func (c Collection) Upper() bool { return c.Body != "" }

// Open reports whether something is in time at an instant.
func (c Collection) Open(at time.Time) bool {
	return !calendar.Of(at).Before(c.Begins) && !at.After(c.Deadline)
}

// occasion is what a proposal of the session is that came at an instant.
func (c Collection) occasion(at time.Time) Occasion {
	switch {
	case c.Upper():
		return ""
	case c.Open(at):
		return Plenary
	default:
		return Interim
	}
}

// CollectionInput is what a collection is to be.
type CollectionInput struct {
	Body     string
	Here     bool   // of the parent institution, whose name it has
	TermID   string // of an own session; empty: the term that runs when it opens
	Session  int
	Name     string
	Begins   calendar.Day // zero: three months before the opening
	Opens    calendar.Day
	Deadline time.Time
	Note     string
}

// apply checks an input and puts it into a collection.
func (c *Collection) apply(ctx context.Context, tx *store.Tx, in CollectionInput) error {
	if in.Here {
		_, parent, err := institution.WithParent(ctx, tx, c.InstitutionID)
		if err != nil {
			return err
		}
		if parent == nil {
			return ErrNobodyAbove
		}
		in.Body = parent.Name
	}
	if (in.Body == "") != (in.Session > 0) || in.Body == "" && in.Opens.IsZero() {
		return ErrSession
	}
	if in.Begins.IsZero() && !in.Opens.IsZero() {
		in.Begins = calendar.Date(in.Opens.Year(), in.Opens.Month()-CollectMonths, in.Opens.Number())
	}
	if in.Begins.IsZero() || in.Deadline.Before(in.Begins.Start()) || !in.Opens.IsZero() && in.Opens.Before(in.Begins) {
		return ErrCollectionDates
	}
	c.Body, c.Here, c.Session, c.Name, c.Begins, c.Deadline, c.Note = in.Body, in.Here, in.Session, in.Name, in.Begins, store.Micro(in.Deadline.UTC()), in.Note
	if c.Opens = nil; !in.Opens.IsZero() {
		c.Opens = &in.Opens
	}
	if c.TermID = nil; c.Upper() {
		return nil
	}
	t, err := termOf(ctx, tx, c.InstitutionID, in)
	c.TermID = &t.ID
	return err
}

func termOf(ctx context.Context, tx *store.Tx, institutionID string, in CollectionInput) (member.Term, error) {
	if in.TermID != "" {
		return member.FindTerm(ctx, tx, institutionID, in.TermID)
	}
	terms, err := member.Terms(ctx, tx, institutionID)
	if err != nil {
		return member.Term{}, err
	}
	if t, ok := member.TermOn(terms, in.Opens); ok {
		return t, nil
	}
	return member.Term{}, member.ErrTermNotFound
}

// MakeCollection writes a new collection. Proposals of its days that belong to no
// session yet belong to it from now on. ErrSession, ErrCollectionDates,
// ErrCollectionTwice and member.ErrTermNotFound tell what is wrong.
func (s *Service) MakeCollection(ctx context.Context, tx *store.Tx, institutionID string, in CollectionInput) (Collection, error) {
	c := Collection{ID: store.NewID(), InstitutionID: institutionID, Version: 1, CreatedAt: s.now()}
	if err := c.apply(ctx, tx, in); err != nil {
		return c, err
	}
	if !c.Upper() {
		n, err := gorm.G[Collection](tx.Gorm(ctx)).Where("institution_id = ? AND term_id = ? AND session = ?", institutionID, c.TermID, c.Session).Count(ctx, "id")
		if err != nil {
			return c, fmt.Errorf("look for the session: %w", err)
		}
		if n > 0 {
			return c, ErrCollectionTwice
		}
	}
	tx.Insert(&c)
	c.adopt(tx)
	return c, nil
}

// ChangeCollection changes one; ErrCollectionStale tells that it has changed since
// version. What has come in by the old window keeps its place, but whether it came in
// time is told by the new one.
func (s *Service) ChangeCollection(ctx context.Context, tx *store.Tx, institutionID, id string, version int64, in CollectionInput) (Collection, error) {
	c, err := FindCollection(ctx, tx, institutionID, id)
	if err != nil {
		return c, err
	}
	if c.Upper() != (in.Body != "" || in.Here) {
		return c, ErrSession
	}
	if err := c.apply(ctx, tx, in); err != nil {
		return c, err
	}
	r := tx.Gorm(ctx).Model(&Collection{}).Where("id = ? AND version = ?", id, version).Updates(map[string]any{
		"body": c.Body, "here": c.Here, "term_id": c.TermID, "session": c.Session, "name": c.Name, "begins": c.Begins, "opens": c.Opens, "deadline": c.Deadline,
		"note": c.Note, "version": version + 1,
	})
	switch {
	case store.IsDuplicate(r.Error):
		return c, ErrCollectionTwice
	case r.Error != nil:
		return c, fmt.Errorf("change a collection: %w", r.Error)
	case r.RowsAffected == 0:
		return c, ErrCollectionStale
	}
	c.Version = version + 1
	c.adopt(tx)
	return c, nil
}

// adopt lets proposals that have no session yet belong to this one, if they came
// since it began, and tells of those of it anew whether they came in time.
func (c Collection) adopt(tx *store.Tx) {
	if c.Upper() {
		return
	}
	tx.Exec(`UPDATE proposals SET collection_id = ? WHERE institution_id = ? AND collection_id IS NULL
		AND matter_id IN (SELECT id FROM matters WHERE institution_id = ? AND kind = ? AND submitted_at >= ?)`,
		c.ID, c.InstitutionID, c.InstitutionID, Kind, c.Begins.Start())
	tx.Exec(`UPDATE proposals SET occasion = CASE WHEN (SELECT submitted_at FROM matters WHERE id = proposals.matter_id) BETWEEN ? AND ? THEN ? ELSE ? END
		WHERE collection_id = ?`, c.Begins.Start(), c.Deadline, Plenary, Interim, c.ID)
}

// FindCollection returns a collection of an institution, or ErrNoCollection.
func FindCollection(ctx context.Context, c store.Conn, institutionID, id string) (Collection, error) {
	if !store.IsID(id) {
		return Collection{}, ErrNoCollection
	}
	x, err := gorm.G[Collection](c.Gorm(ctx)).Where("institution_id = ? AND id = ?", institutionID, id).First(ctx)
	return x, store.Found(err, ErrNoCollection, "find a collection")
}

// Collections lists the collections of an institution, those that began last first,
// with the ordinals of their terms.
func (s *Service) Collections(ctx context.Context, institutionID string) ([]Collection, map[string]member.Term, error) {
	rows, err := gorm.G[Collection](s.db.Gorm(ctx)).Where("institution_id = ?", institutionID).Order("begins DESC, id DESC").Limit(100).Find(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("list collections: %w", err)
	}
	terms, err := member.Terms(ctx, s.db, institutionID)
	by := map[string]member.Term{}
	for _, t := range terms {
		by[t.ID] = t
	}
	return rows, by, err
}

// Announce tells every member of a collection; that it was announced before is told
// by its mark, and it may be announced again before the deadline.
func (s *Service) Announce(ctx context.Context, tx *store.Tx, institutionID, id string, version int64) (Collection, error) {
	c, err := FindCollection(ctx, tx, institutionID, id)
	if err != nil {
		return c, err
	}
	now := s.now()
	if now.After(c.Deadline) {
		return c, ErrCollectionClosed.Saying("这项征集已经截止，不能再通知。请先修改截止时间。")
	}
	r := tx.Gorm(ctx).Model(&Collection{}).Where("id = ? AND version = ?", id, version).Updates(map[string]any{"announced_at": now, "version": version + 1})
	if r.Error != nil {
		return c, fmt.Errorf("announce a collection: %w", r.Error)
	}
	if r.RowsAffected == 0 {
		return c, ErrCollectionStale
	}
	c.AnnouncedAt, c.Version = &now, version+1
	title, err := s.TitleOf(ctx, tx, c)
	if err != nil {
		return c, err
	}
	members, err := member.OfRole(ctx, tx, institutionID, member.Member, calendar.Of(now))
	if err != nil {
		return c, err
	}
	return c, s.notify.Tell(tx, notify.Notice{
		InstitutionID: institutionID, People: members, Event: notify.Task, MatterID: c.ID, Kind: "collection", Title: title + "开始征集提案",
		Body:   fmt.Sprintf("%s提案从%s开始征集，%s截止。%s", title, chinese(c.Begins), moment(c.Deadline), c.Note),
		Values: map[string]string{"title": title + "提案征集", "kind": "提案征集", "due": c.Deadline.In(calendar.Beijing()).Format("2006-01-02 15:04")},
	})
}

// TitleOf is what people call whose proposals are collected: 十一届三次会议, or the
// higher body with what it calls its collection.
func (s *Service) TitleOf(ctx context.Context, c store.Conn, x Collection) (string, error) {
	if x.Upper() {
		return x.Body + x.Name, nil
	}
	t, err := member.FindTerm(ctx, c, x.InstitutionID, *x.TermID)
	return x.Title(t.Ordinal), err
}

// Part is what belongs to the collection.
func (c Collection) Part() matter.Part {
	return matter.Part{Among: "SELECT matter_id FROM proposals WHERE institution_id = ? AND collection_id = ?", Args: []any{c.InstitutionID, c.ID}}
}

// Title is what people call an own session of a term, or a higher body's collection.
func (c Collection) Title(term int) string {
	if c.Upper() {
		return c.Body + c.Name
	}
	return sessionName(term, c.Session)
}

func chinese(d calendar.Day) string { return fmt.Sprintf("%d月%d日", d.Month(), d.Number()) }

func moment(t time.Time) string {
	at := t.In(calendar.Beijing())
	return fmt.Sprintf("%s%d时%02d分", chinese(calendar.Of(t)), at.Hour(), at.Minute())
}

// place finds where a proposal belongs that is handed in now: to the higher body's
// collection that it names, if that is open, or to the session of its day.
func (s *Service) place(ctx context.Context, m *matter.Move, p *Proposal, upperID string) error {
	if upperID == "" {
		c, err := sessionAt(ctx, m.Tx, m.Matter.InstitutionID, m.At)
		if errors.Is(err, ErrNoSession) {
			return nil // the session is set later, and takes it
		}
		p.CollectionID, p.Occasion = &c.ID, c.occasion(m.At)
		return err
	}
	c, err := upper(ctx, m, upperID)
	if err != nil {
		return err
	}
	if m.To != matter.Draft && !c.Open(m.At) {
		return ErrCollectionClosed
	}
	p.CollectionID, p.Occasion, p.UpperBody = &c.ID, "", c.Body
	return nil
}

// upper returns a higher body's collection, or ErrCollection.
func upper(ctx context.Context, m *matter.Move, id string) (Collection, error) {
	c, err := FindCollection(ctx, m.Tx, m.Matter.InstitutionID, id)
	if errors.Is(err, ErrNoCollection) || err == nil && !c.Upper() {
		err = ErrCollection
	}
	return c, err
}

// sessionAt returns the session that proposals of an instant belong to: the one whose
// collection began last. 平时提案 continue its row until the next begins. ErrNoSession
// tells that none had begun.
func sessionAt(ctx context.Context, c store.Conn, institutionID string, at time.Time) (Collection, error) {
	x, err := gorm.G[Collection](c.Gorm(ctx)).Where("institution_id = ? AND body = '' AND begins <= ?", institutionID, calendar.Of(at)).
		Order("begins DESC, id DESC").First(ctx)
	return x, store.Found(err, ErrNoSession, "find the session of a day")
}
