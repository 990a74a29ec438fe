package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	"yanlu/internal/plain"
)

// Read reads the table that data is: an .xlsx, of which the first sheet counts,
// or a .csv in UTF-8 or GBK (as GB 18030). ErrUnreadable, ErrTooLarge,
// ErrNoHeading, ErrColumns and ErrEmpty tell of what is no such table; what is
// wrong with single cells is in the table.
func Read(data []byte, columns []Column) (Table, error) {
	var rows [][]string
	var err error
	if bytes.HasPrefix(data, []byte("PK\x03\x04")) {
		rows, err = workbook(data)
	} else {
		rows, err = text(data)
	}
	if err != nil {
		return Table{}, err
	}
	return read(rows, columns)
}

// workbook returns the rows of the first sheet that is shown, with their values
// as they are stored: numbers without their format, dates as their number.
func workbook(data []byte) (rows [][]string, err error) {
	defer func() {
		if recover() != nil { // the library reads what may have been made to hurt it
			rows, err = nil, ErrUnreadable
		}
	}()
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{
		RawCellValue: true, UnzipSizeLimit: maxUnpacked, UnzipXMLSizeLimit: maxUnpacked,
	})
	if err != nil {
		return nil, ErrUnreadable
	}
	defer func() { _ = f.Close() }()
	if p, err := f.GetWorkbookProps(); err != nil || p.Date1904 != nil && *p.Date1904 {
		return nil, ErrUnreadable // its dates would be four years off
	}
	sheet, ok := shown(f)
	if !ok {
		return nil, ErrUnreadable
	}
	each, err := f.Rows(sheet)
	if err != nil {
		return nil, ErrUnreadable
	}
	defer func() { _ = each.Close() }()
	b := bound{}
	for each.Next() {
		cells, err := each.Columns()
		if err != nil {
			return nil, ErrUnreadable
		}
		if err := b.take(cells); err != nil {
			return nil, err
		}
	}
	if each.Error() != nil {
		return nil, ErrUnreadable
	}
	return b.rows, nil
}

func shown(f *excelize.File) (string, bool) {
	for _, name := range f.GetSheetList() {
		if visible, err := f.GetSheetVisible(name); err == nil && visible {
			return name, true
		}
	}
	return "", false
}

// text returns the rows of a .csv.
func text(data []byte) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		decoded, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
		if err != nil || bytes.ContainsRune(decoded, utf8.RuneError) {
			return nil, ErrUnreadable
		}
		data = decoded
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord, r.LazyQuotes, r.Comma = -1, true, separator(data)
	b := bound{}
	for {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return b.rows, nil
		}
		if err != nil {
			return nil, ErrUnreadable
		}
		line, _ := r.FieldPos(0)
		for len(b.rows) < line-1 && len(b.rows) <= MaxRows+maxHeading { // empty lines count too
			b.rows = append(b.rows, nil)
		}
		if err := b.take(cells); err != nil {
			return nil, err
		}
	}
}

// separator tells what stands between the cells, by the first lines.
func separator(data []byte) rune {
	head := data[:min(len(data), 4096)]
	best, most := ',', bytes.Count(head, []byte(","))
	for _, r := range "\t;" {
		if n := bytes.Count(head, []byte(string(r))); n > most {
			best, most = r, n
		}
	}
	return best
}

// bound gathers rows within the limits.
type bound struct {
	rows   [][]string
	filled int // that are not empty
}

func (b *bound) take(cells []string) error {
	last := 0
	for i, cell := range cells {
		if cell == "" {
			continue
		}
		last = i + 1
		if utf8.RuneCountInString(cell) > MaxCell {
			return ErrTooLarge
		}
	}
	if last > 0 {
		b.filled++
	}
	// Whoever once formatted the sheet to its end has a million empty rows.
	if last > MaxColumns || b.filled > MaxRows+maxHeading {
		return ErrTooLarge
	}
	if last == 0 && len(b.rows) > 2*MaxRows {
		return nil
	}
	b.rows = append(b.rows, cells[:last])
	return nil
}

var exponent = regexp.MustCompile(`^\d(\.\d+)?E\+?\d{1,2}$`)

// normal brings a cell into its one form. A large whole number that a program
// stored with an exponent is written out: it was a telephone number.
func normal(cell string) (string, bool) {
	value, ok := plain.Text(cell)
	if exponent.MatchString(value) {
		if n, err := strconv.ParseFloat(value, 64); err == nil && n < 1<<53 && n == float64(int64(n)) {
			value = strconv.FormatInt(int64(n), 10)
		}
	}
	return value, ok
}
