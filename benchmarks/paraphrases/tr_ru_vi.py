# ruff: noqa: E501 (a phrase is easier to read on one line)
"""Turkish, Russian and Vietnamese phrases of notices."""

from __future__ import annotations

from benchmarks.paraphrases.grammar import Language, Theme

TURKISH = Language(
    "tr",
    (
        Theme(
            True,
            """
[{coins}|{pairs}|{name} ({coin})] [listeden çıkarılıyor|listeden kaldırılacak|delist ediliyor|işlemlere kapatılıyor|borsadan ayrılıyor] [({date})|]
[{coins}|{pairs}|Bazı işlem çiftlerinin|{n} kripto varlığın] [listeden çıkarılması|kaldırılması|işleme kapatılması|alım satımının sonlandırılması] [hakkında|duyurusu|]
[{pairs}|{coin}] [için son işlem günü|piyasası kapanıyor|alım satımı sona eriyor|artık işlem görmeyecek]
[{perps}|{coin} sürekli] [sözleşmesi|vadeli işlemleri] [listeden kaldırılacak|sonlandırılacak|erken uzlaşma ile kapatılıyor]
[{coins}|{name} ağı] [yatırma|çekme|yatırma ve çekme|para yatırma ve çekme] işlemleri [durduruldu|askıya alındı|geçici olarak durdurulacak|kapatılıyor]
[{coins}|{name}] [cüzdan|ağ] bakımı [duyurusu|hakkında|({date})]
[{name} ({coin})|{coin}] [ağ güncellemesi|sert çatallanma|hard fork|ağ yükseltmesi] [desteklenecek|duyurusu|hakkında]
[{coin}|{name} ({coin})] [token takası|yeniden markalaşma|sözleşme geçişi|isim değişikliği|birleşmesi] [desteklenecek|hakkında|duyurusu]
{coins} için [izleme etiketi|risk uyarısı|gözaltı pazarı duyurusu|yatırım uyarısı] [eklendi|]
[{pairs}|{coins}|Tüm] [alım satım|işlemler] [durduruldu|geçici olarak askıya alındı|durdurulacak]
[{coins}|{pairs}] listeden çıkarma tarihi [ertelendi|değişti]
{coins} ve {coin} {date} [saatinde|tarihinde] [listeden çıkarılıyor|borsadan kaldırılıyor|işleme kapanıyor]
[{name}|{coin}] [ağında sorun|zinciri durdu|düğüm arızası]: [transferler kapalı|çekimler beklemede]
""",
            """
{date} tarihinde [{pairs}|{coins}] [alım satımı sonlandırılacaktır|listeden kaldırılacaktır|işlemlere kapatılacaktır]. [Açık emirler iptal edilecektir.|Çekme işlemleri {date} tarihine kadar açıktır.]
[Cüzdan bakımı|Ağ güncellemesi|Sert çatallanma|Ağ yoğunluğu] nedeniyle [{coins}|{name} ağı] [yatırma ve çekme işlemleri|transferleri] {date} itibarıyla [durdurulacaktır|askıya alınmıştır|geçici olarak kapatılacaktır].
{coin} tokenleri 1:{n} oranında {coin} ile [takas edilecek|değiştirilecek], {pair} işlemleri {date} tarihinde sona erecektir.
{coins} [izleme listesine alındı|için risk etiketi eklendi|gözaltına alındı]; [listeden çıkarılabilir|kaldırılma riski vardır].
[{perps}|Bu sözleşmeler] {date} tarihinde otomatik olarak [kapatılacak|uzlaştırılacak] ve listeden kaldırılacaktır.
""",
        ),
        Theme(
            False,
            """
[{coins}|{name} ({coin})|{pairs}] [listeleniyor|işleme açılıyor|listelendi|artık işlemde]
[{coins}|{name}] [yatırma ve çekme|alım satım|çekme] işlemleri [yeniden açıldı|yeniden başladı|devam ediyor]
[{name} ({coin})|{coin}] [ağ güncellemesi|hard fork|token takası|cüzdan bakımı] tamamlandı
{coins} [izleme etiketi|risk uyarısı] kaldırıldı
[TRY|Türk Lirası|Banka] [yatırma ve çekme|yatırma|çekme] işlemlerinde [bakım|kesinti|çalışma]
{ex}, {coins} için [takip etiketini|izleme etiketini] {date} tarihinde kaldıracak
[Yarışma|Kampanya|Bilgi yarışması|Airdrop|Ödül]: [{coin} al sat|katıl|hard fork nedir sorusunu yanıtla], {amount} {quote} [kazan|paylaş]
[Kredi|Staking|Teminat|Kopya işlem|Bot|Kazan ürünleri] [listesinden {coins} çıkarılıyor|için {coins} desteği sona eriyor|{coins} eklendi]
[{perps}|{pairs}] [fiyat adımı|kaldıraç|teminat|fonlama oranı|komisyon] [güncellemesi|değişikliği]
[API|Mobil uygulama|Banka transferi|Kimlik doğrulama|Web sitesi] [bakımı|güncellemesi|kullanımdan kaldırılıyor]
[Kullanıcı sözleşmesi|Gizlilik politikası|Listeden çıkarma kuralları] [güncellendi|hakkında]
{coin} listeden çıkarılıyor [iddiaları asılsızdır|haberi doğru değildir]
{coin} listelemesi ertelendi
[Aylık rapor|Rezerv kanıtı|AMA] [: {name}|]
""",
            """
[{coins}|{name}] [yatırma ve çekme işlemleri|alım satım işlemleri] [yeniden açılmıştır|yeniden başlamıştır].
Kampanya süresince {coin} alıp satan kullanıcılar {amount} {quote} [kazanacak|paylaşacak]. {ex} kampanyayı [iptal etme|durdurma|değiştirme] hakkını saklı tutar.
[Banka tarafındaki çalışma|Ödeme kuruluşu bakımı] nedeniyle Türk Lirası [yatırma ve çekme|transfer] işlemleri {date} arasında yapılamayacaktır. Kripto varlık transferleri ve alım satım etkilenmez.
Son inceleme sonucunda {coins} için [takip|izleme] etiketi kaldırılacaktır. [Etiketli tokenler listeden çıkarılabilir.|]
{date} tarihinde {pairs} işleme açılacaktır. Yatırma işlemleri [açıktır|başlamıştır].
{coins} [teminat listesinden|kredi ürünlerinden|stakingden] çıkarılacaktır. [Spot işlemler etkilenmez.|Alım satım devam eder.]
[Uygulama|Banka|Kimlik doğrulama] bakımı {date} tarihinde yapılacaktır, [kripto alım satımı etkilenmez|işlemler devam eder].
""",
        ),
    ),
    """
[Önemli|Hizmet|Piyasa] [duyuru|bilgilendirme|duyurusu]
{coin} [sahiplerine|hakkında] [duyuru|bilgi]
""",
    """
Değerli [kullanıcılarımız|müşterilerimiz],
Merhaba,
""",
    """
[Anlayışınız|Desteğiniz] için teşekkür ederiz.
{ex} ekibi {date}
""",
)
RUSSIAN = Language(
    "ru",
    (
        Theme(
            True,
            """
[Делистинг|Исключение из листинга|Удаление|Прекращение торгов] [{coins}|{pairs}|{n} монет|торговых пар|нескольких токенов] [{date}|]
[{ex}|Биржа|Мы|] [проведёт делистинг|исключит|удалит|прекратит торги|снимает с торгов|убирает] [{coins}|{pairs}|ряд торговых пар]
[{pairs}|{coins}] [покидает биржу|снимается с торгов|больше не торгуется|: последний день торгов|: торги завершаются]
[Бессрочный контракт|Контракты|Фьючерсы] {perps} [будут закрыты|исключены из листинга|: расчёт и закрытие|: делистинг]
[Приостановка|Временная остановка|Прекращение|Закрытие] [ввода и вывода|депозитов|вывода|пополнений и выводов] [{coins}|{name}|в сети {name}]
[Техническое обслуживание|Обслуживание] [кошелька|сети|узлов] [{coins}|{name} ({coin})]
[Поддержка|{ex} поддержит] [хардфорка|обновления сети|хардфорк|обновление сети] [{name} ({coin})|{coin}]
[Обмен токенов|Миграция|Ребрендинг|Смена тикера|Деноминация|Слияние] [{coin}|{name} ({coin})] [в {coin}|на {coin}|]
[Метка наблюдения|Предупреждение о риске|Метка мониторинга|Особый контроль] [добавлена для|для|:] {coins}
[Торги|Торговля] [{pairs}|{coins}|на бирже] [приостановлены|временно остановлены|будут остановлены]
[Делистинг|Хардфорк|Закрытие торгов] [{coin}|{pair}] [перенесён|отложен] на {date}
О делистинге {coins}
[Исключение|Удаление|Закрытие] пар с {coins}
[Сбой|Проблемы] в сети {name}: [вывод остановлен|переводы приостановлены]
""",
            """
{date} [мы прекратим|биржа прекратит|будут прекращены] торги [по парам|в парах|] {pairs}. [Открытые ордера будут отменены.|Вывод доступен до {date}.]
С {date} торги по парам {pairs} [прекращаются навсегда|завершаются|закрываются]. [Все открытые ордера будут сняты.|Пополнение закрыто.|Депозиты закрываются {date}.]
[{coins}|{pairs}] [будут исключены из листинга|будут сняты с торгов|удаляются с платформы] {date}.
[В связи с обслуживанием|Из-за обновления сети|Из-за хардфорка|Из-за перегрузки сети] ввод и вывод [{coins}|{name}] [будут приостановлены|приостановлены|не будут обрабатываться] с {date}.
Токены {coin} будут [обменяны|конвертированы] на {coin} в соотношении 1:{n}. Торги {pair} завершатся {date}.
{coins} [получает метку наблюдения|помещены под наблюдение|отмечены как рискованные] и [могут быть исключены|возможен делистинг].
Позиции по [{perps}|этим контрактам] будут автоматически [закрыты|рассчитаны] {date}, затем контракт будет удалён.
""",
        ),
        Theme(
            False,
            """
[Листинг|Новый листинг|Запуск торгов|{ex} добавит|Открытие торгов] [{coins}|{name} ({coin})|{pairs}]
[Возобновление|Возобновлены|Восстановлен] [ввод и вывод|вывод|торги|депозиты] [{coins}|{name}]
[Обновление сети|Хардфорк|Обмен токенов|Обслуживание кошелька] [{name} ({coin})|{coin}] [завершено|завершён|успешно завершён]
[Метка наблюдения снята|Снятие метки|Предупреждение снято] [с|для|:] {coins}
[Конкурс|Викторина|Акция|Аирдроп|Турнир]: [торгуйте {coin}|участвуйте|узнайте, что такое хардфорк] и [получите|разделите|выиграйте] {amount} {quote}
[Займы|Стейкинг|Залог|Копитрейдинг|Боты|Сбережения]: [исключение|удаление|добавление] {coins}
[Изменение|Обновление|Корректировка] [шага цены|плеча|маржи|ставки финансирования|комиссий] [{perps}|{pairs}]
[API|Приложение|Сайт|Верификация|Банковские переводы] : [обновление|технические работы|прекращение поддержки старой версии]
[Рублёвые|Банковские|Карточные] [пополнения и выводы|переводы] [временно недоступны|на обслуживании]
[Пользовательское соглашение|Правила листинга|Правила делистинга|Политика конфиденциальности] [обновлены|: изменения]
Слухи о делистинге {coin} [не соответствуют действительности|ложны]
Листинг {coin} [отложен|перенесён] на {date}
[Ежемесячный отчёт|Подтверждение резервов|AMA с {name}|Обзор рынка]
""",
            """
[Ввод и вывод|Торги] [{coins}|{name}] [возобновлены|снова доступны].
Во время акции пользователи, торгующие {coin}, [разделят|получат] {amount} {quote}. {ex} вправе [отменить|прекратить|изменить] акцию.
{date} откроются торги {pairs}. Депозиты [уже открыты|открыты].
{coins} [исключаются из списка залогов|удаляются из займов|больше не доступны в стейкинге]. [На спотовую торговлю это не влияет.|Торги продолжаются.]
[Приложение|Банковские переводы|Верификация] будут недоступны {date}; [торговля криптовалютой не затронута|торги идут как обычно].
""",
        ),
    ),
    """
[Важное|Сервисное|] [уведомление|объявление|сообщение]
[Информация|Новости] [для держателей|о] {coin}
[Изменения|Обновление] на [спотовом рынке|рынке фьючерсов]
""",
    """
Уважаемые [пользователи|клиенты]!
Здравствуйте!
""",
    """
[Спасибо за поддержку|Приносим извинения за неудобства].
Команда {ex} {date}
""",
)
VIETNAMESE = Language(
    "vi",
    (
        Theme(
            True,
            """
[{ex}|Sàn|] [sẽ|] [hủy niêm yết|gỡ|ngừng giao dịch|gỡ bỏ|loại bỏ] [{coins}|{pairs}|một số cặp giao dịch] [vào {date}|({date})|]
[Thông báo|Thông tin] [hủy niêm yết|gỡ cặp giao dịch|ngừng hỗ trợ giao dịch|kết thúc giao dịch] [{coins}|{pairs}]
[{pairs}|{coins}] [ngày giao dịch cuối cùng|sẽ không còn được giao dịch|rời khỏi sàn|kết thúc giao dịch]
Hợp đồng [vĩnh cửu|tương lai|] {perps} [sẽ bị hủy niêm yết|được tất toán và gỡ bỏ|ngừng giao dịch]
[Tạm ngừng|Tạm dừng|Ngừng|Đóng] [nạp và rút|nạp rút|rút|nạp] [{coins}|trên mạng {name}] [từ {date}|]
[Bảo trì|Nâng cấp] ví [{coins}|{name} ({coin})] [, tạm ngừng nạp rút|]
[{ex} hỗ trợ|Hỗ trợ] [nâng cấp mạng|hard fork|phân nhánh cứng] [{name} ({coin})|{coin}]
[Hoán đổi token|Đổi tên|Chuyển đổi hợp đồng|Hợp nhất|Đổi thương hiệu] [{coin}|{name} ({coin})] [sang {coin}|thành {coin}|]
[Thêm nhãn giám sát|Gắn nhãn theo dõi|Cảnh báo rủi ro|Cảnh báo đầu tư] [cho|đối với] {coins}
[Tạm ngừng|Tạm dừng] giao dịch [{pairs}|{coins}|toàn sàn]
[Sự cố|Gián đoạn] mạng {name}: [tạm dừng rút|nạp rút bị đóng]
{coins} [rời sàn|bị loại khỏi sàn|ngừng giao dịch] [từ {date}|]
[Hoãn|Dời ngày] hủy niêm yết [{coins}|{pairs}]
""",
            """
{ex} sẽ [ngừng|kết thúc|dừng] giao dịch [{pairs}|{coins}] [vào lúc|lúc] {date}. [Các lệnh đang mở sẽ bị hủy.|Vui lòng rút tài sản trước {date}.]
[{coins}|{pairs}] sẽ bị [gỡ khỏi sàn|hủy niêm yết|loại khỏi danh sách] vào {date}.
Do [bảo trì ví|nâng cấp mạng|hard fork|tắc nghẽn mạng], việc nạp và rút [{coins}|{name}] sẽ [tạm ngừng|tạm dừng] từ {date}.
{coin} sẽ được [hoán đổi|chuyển đổi] sang {coin} theo tỷ lệ 1:{n}. Cặp {pair} ngừng giao dịch lúc {date}.
{coins} [bị gắn nhãn giám sát|được đưa vào danh sách theo dõi] và [có thể bị hủy niêm yết|có rủi ro bị gỡ].
""",
        ),
        Theme(
            False,
            """
[{ex} niêm yết|Niêm yết mới|Mở giao dịch|Ra mắt|Thêm cặp] [{coins}|{name} ({coin})|{pairs}]
[Khôi phục|Mở lại|Tiếp tục] [nạp và rút|giao dịch|rút] [{coins}|{name}]
[Hoàn tất|Đã hoàn tất] [nâng cấp mạng|hard fork|hoán đổi token|bảo trì ví] [{name} ({coin})|{coin}]
[Gỡ nhãn giám sát|Bỏ nhãn theo dõi|Gỡ cảnh báo] [khỏi|cho] {coins}
[Cuộc thi|Câu đố|Sự kiện|Airdrop|Khuyến mãi]: [giao dịch {coin}|tham gia|hard fork là gì] [nhận|chia sẻ] {amount} {quote}
[Khoản vay|Staking|Tài sản thế chấp|Sao chép giao dịch|Bot|Earn] [gỡ|ngừng hỗ trợ|thêm] {coins}
[Cập nhật|Điều chỉnh] [bước giá|đòn bẩy|ký quỹ|phí|lãi suất funding] [{perps}|{pairs}]
[API|Ứng dụng|Trang web|Xác minh danh tính|Chuyển khoản ngân hàng] [bảo trì|nâng cấp|ngừng phiên bản cũ]
[Nạp rút VND|Chuyển khoản ngân hàng|Thẻ] [bảo trì|tạm gián đoạn]
[Điều khoản sử dụng|Chính sách bảo mật|Quy định hủy niêm yết] [cập nhật|sửa đổi]
Tin đồn hủy niêm yết {coin} là [sai|không đúng]
Hoãn niêm yết {coin} đến {date}
[Báo cáo tháng|Bằng chứng dự trữ|AMA với {name}]
""",
            """
[Nạp và rút|Giao dịch] [{coins}|{name}] đã [được mở lại|hoạt động trở lại].
Trong thời gian sự kiện, người dùng giao dịch {coin} [nhận|chia sẻ] {amount} {quote}. {ex} có quyền [hủy|dừng|thay đổi] sự kiện.
{date} mở giao dịch {pairs}. Nạp [đã mở|hiện đã mở].
{coins} sẽ bị gỡ khỏi [danh sách thế chấp|khoản vay|staking]. [Giao dịch giao ngay không bị ảnh hưởng.|]
[Ứng dụng|Ngân hàng|Xác minh] bảo trì vào {date}; [giao dịch không bị ảnh hưởng|giao dịch tiền số vẫn bình thường].
""",
        ),
    ),
    """
Thông báo [quan trọng|dịch vụ|thị trường|]
Thông tin [cho người nắm giữ|về] {coin}
""",
    """
[Kính gửi|Thân gửi] [quý khách|người dùng],
Xin chào,
""",
    """
[Cảm ơn bạn đã ủng hộ|Xin lỗi vì sự bất tiện này].
Đội ngũ {ex} {date}
""",
)
TR_RU_VI = (TURKISH, RUSSIAN, VIETNAMESE)
