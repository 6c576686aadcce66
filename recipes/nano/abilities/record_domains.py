"""What texts tell, by domain, as text; ``records`` reads it.

``# domain``; ``:`` fields, each ``name other_name kind`` with the kinds of ``values.draw``, the first the subject;
``!`` first sentences, with the subject; ``>`` sentences for other fields. ``* list`` lists: fields, then rows.
"""

RECORDS = """
# person
: name full_name person : person ; age years : int 18 90 ; city home_town location : city ; job occupation profession : job ; email mail : email ; married is_married : bool married/not married
! {name} called us today. | This is about {name}. | I met {name} at a party. | My neighbour is {name}.
> Age {age}, home in {city}. | {age} years old and a {job} by trade. | Lives in {city}. | Works as a {job} in {city}. | The age is {age}. | Write to {email}. | By the way, {married}. | Is {age} and works as a {job}.
# order
: order_id order_number id : id ; customer client buyer : person ; product item article : thing ; quantity amount count : int 1 60 ; price unit_price cost : num 1 200 ; express is_express : bool by express/by normal mail
! Order {order_id} came in. | We received the order {order_id} this morning. | Your order has the number {order_id}.
> {customer} bought {quantity} {product}. | {customer} ordered {product}. | {quantity} {product} for {price} each. | The price is {price} dollars. | It goes {express}. | Placed by {customer}. | It is for {quantity} pieces.
# invoice
: invoice_number number invoice_id : id ; supplier vendor company seller : company ; date invoice_date issued : date ; total amount sum : num 10 3000 ; currency : enum USD/EUR/GBP/CHF ; paid is_paid : bool already paid/not yet paid
! Invoice {invoice_number}. | Please find attached the invoice {invoice_number}. | Bill no. {invoice_number}
> Issued by {supplier} on {date}. | {supplier} asks for {total} {currency}. | The total is {total}. | Dated {date}. | It is {paid}. | From {supplier}. | All amounts in {currency}.
# event
: title event name : title ; date day when : date ; time start start_time : time ; place location city venue : city ; organizer host : person ; seats capacity : int 10 900 ; free is_free : bool free of charge/not free
! Join us for {title}! | {title} is coming. | Do not miss {title}.
> It takes place on {date} at {time} in {place}. | On {date} in {place}. | Doors open at {time}. | It starts at {time}. | Hosted by {organizer}. | There are {seats} seats. | Entry is {free}. | We meet in {place}.
# product
: name product title : noun ; brand maker manufacturer : company ; price cost : num 2 900 ; color colour : color ; weight weight_kg mass : num 1 40 ; in_stock available : bool in stock/sold out ; warranty_years warranty : int 1 10
! The new {name} is here. | Look at this {name}. | For sale: a {name}.
> Made by {brand}, it costs {price}. | It comes in {color}. | It weighs {weight} kg. | Now for {price} dollars. | It is {in_stock}. | The maker {brand} gives {warranty_years} years of warranty. | A {color} one by {brand}. | {warranty_years} years of warranty.
# flight
: flight flight_number number : id ; origin from departure_city : city ; destination to arrival_city : city ; departure departs leaves : time ; arrival arrives : time ; gate : id ; delayed is_delayed : bool delayed/on time
! Flight {flight} is ready. | You are booked on {flight}. | {flight} is your flight.
> It goes from {origin} to {destination}. | Leaves {origin} at {departure}. | Arrives in {destination} at {arrival}. | Departure {departure}, arrival {arrival}. | Go to gate {gate}. | It is {delayed}.
# recipe
: dish name title recipe : noun ; minutes time cooking_time : int 5 120 ; servings people portions : int 1 12 ; main_ingredient ingredient : thing ; level difficulty : enum easy/medium/hard ; vegan is_vegan : bool vegan/not vegan
! Tonight we make {dish}. | My grandmother's {dish}. | How to cook {dish}:
> It takes {minutes} minutes and serves {servings}. | You mostly need {main_ingredient}. | Ready in {minutes} minutes. | For {servings} people. | It is {level} to make. | The dish is {vegan}. | Buy {main_ingredient} first.
# weather
: city place location : city ; temperature temp degrees : int -15 40 ; condition sky : enum sunny/cloudy/rainy/foggy/snowy ; wind wind_speed : int 1 90 ; humidity : int 10 99 ; date day : date
! The weather in {city}. | Here is the report for {city}. | Good morning from {city}!
> It is {temperature} degrees and {condition}. | The sky is {condition}. | Wind at {wind} km/h. | Humidity is {humidity} percent. | Measured on {date}. | We have {temperature} degrees. | {condition}, wind {wind}.
# match
: home_team home team_a : company ; away_team away guest team_b : company ; home_goals home_score goals_a : int 0 9 ; away_goals away_score goals_b : int 0 9 ; stadium venue city : city ; spectators crowd attendance : int 100 90000
! {home_team} played at home. | A great day for {home_team}. | News from {home_team}.
> The guest was {away_team}. | It ended {home_goals} to {away_goals} against {away_team}. | They scored {home_goals}, the guests {away_goals}. | Played in {stadium}. | {spectators} people watched. | In {stadium}, {spectators} fans came.
# contact
: name contact full_name : person ; phone telephone tel number : phone ; email mail email_address : email ; company employer organization : company ; role position title : job ; address street : address
! You can reach {name}. | Contact: {name} | Please call {name}.
> Phone {phone}, mail {email}. | Works at {company} as {role}. | The number is {phone}. | The email address is {email}. | With {company}. | Office at {address}. | {role} at {company}.
# job
: title position role job : job ; company employer : company ; city location place : city ; salary pay wage : int 1000 9000 ; start start_date from : date ; remote is_remote : bool remote/on site ; hours weekly_hours : int 10 42
! We look for a {title}. | Wanted: {title} | Job offer: {title}.
> {company} in {city} is hiring. | The pay is {salary} a month. | Start on {start}. | Work is {remote}. | {hours} hours a week. | You will work for {company}. | The office is in {city}. | From {start}, {salary} a month.
# rental
: address street location : address ; rent price monthly_rent : int 300 4000 ; rooms bedrooms : int 1 7 ; area size square_meters : int 20 250 ; pets pets_allowed : bool pets are welcome/no pets allowed ; landlord owner contact : person
! Flat for rent: {address}. | To let at {address}. | {address} is free.
> {rooms} rooms, {area} square meters. | The rent is {rent} a month. | It has {rooms} rooms. | Note: {pets}. | Ask {landlord}. | Size {area}, rent {rent}. | The owner is {landlord}.
# bug
: title summary bug : event ; version release : num 1 9 ; severity priority level : enum low/medium/high/critical ; reporter reported_by author : first ; component module area : noun ; reproducible can_reproduce : bool happens every time/does not happen every time ; file path : file
! Bug: {title} | There is a problem: {title}. | New issue, {title}.
> Seen in version {version}. | Severity {severity}. | {reporter} found it in the {component}. | It {reproducible}. | The file is {file}. | Reported by {reporter}. | It breaks the {component}, severity {severity}.
# book
: title book name : title ; author writer : person ; year published publication_year : int 1850 2024 ; pages page_count length : int 40 1200 ; genre category : enum novel/crime/poetry/history/science ; rating stars : num 1 5
! I have just read {title}. | {title} is a book. | A review of {title}.
> {author} wrote it in {year}. | It has {pages} pages. | A {genre} by {author}. | I give it {rating} stars. | First printed in {year}. | Written by {author}. | {pages} pages of {genre}.
# movie
: title film movie name : title ; director directed_by : person ; year release_year : int 1950 2024 ; minutes length runtime : int 60 220 ; genre kind : enum comedy/drama/horror/action ; seen watched : bool seen already/not seen yet
! We watched {title}. | {title} is on tonight. | Film of the week: {title}
> Directed by {director} in {year}. | It runs {minutes} minutes. | A {genre} of {year}. | The director is {director}. | I have {seen}. | {genre}, {minutes} minutes.
# student
: name student pupil : person ; grade mark score points : int 1 100 ; subject course class : enum math/history/biology/art/music ; teacher instructor : person ; passed has_passed : bool passed/failed ; absences missed_days : int 0 30
! Report for {name}. | {name} has a new result. | About our student {name}:
> {grade} points in {subject}. | The teacher is {teacher}. | The course was {passed}. | Missed {absences} days. | Taught by {teacher}. | In {subject}, {grade} points.
# payment
: id transaction_id reference : id ; sender payer from_person : person ; recipient payee receiver : person ; amount sum value : num 1 2000 ; date day : iso ; purpose note reason : phrase
! Payment {id}. | The transfer {id} is done. | Reference {id}.
> {sender} paid {amount} to {recipient}. | For {purpose}. | From {sender} to {recipient}. | Booked on {date}. | The amount is {amount}. | On {date}, for {purpose}.
# animal
: name pet animal : first ; species kind type : enum dog/cat/horse/parrot/rabbit ; age years : int 1 20 ; owner keeper : person ; weight weight_kg : num 1 60 ; vaccinated is_vaccinated : bool vaccinated/not vaccinated ; color : color
! {name} came to the vet. | Meet {name}. | We saw {name} today.
> A {species}, {age} years old. | It belongs to {owner}. | It weighs {weight} kg. | It is {vaccinated}. | A {color} {species}. | The owner is {owner}. | {age} years, {weight} kg.
# shipment
: tracking_number tracking parcel id : id ; carrier company shipped_by : company ; sender from_city origin : city ; destination to_city : city ; weight kg weight_kg : num 1 50 ; fragile is_fragile : bool fragile/not fragile ; status state : enum shipped/delivered/lost/waiting
! Parcel {tracking_number}. | Your shipment is {tracking_number}. | Track it with {tracking_number}.
> Sent with {carrier} to {destination}. | From {sender} to {destination}. | It weighs {weight} kg. | It is {fragile}. | The status is {status}. | {carrier} carries it.
# appointment
: patient name person : person ; doctor physician : person ; date day : date ; time hour at : time ; reason complaint : enum checkup/cough/fever/headache ; room : int 1 60 ; first_visit is_new : bool for the first time/not for the first time
! {patient} has an appointment. | Booked: {patient} | Note for {patient}:
> See Dr. {doctor} on {date}. | At {time} in room {room}. | Because of a {reason}. | {date} at {time}. | Coming {first_visit}. | The doctor is {doctor}. | Room {room}.
# server
: host server name machine : noun ; ip address ip_address : id ; memory ram memory_gb : int 4 512 ; cores cpus cpu_count : int 2 96 ; system os : enum linux/windows/freebsd ; online running up : bool online/offline ; load cpu_load : num 0 9
! Machine {host}. | A look at the server {host}. | {host} was checked.
> It has {cores} cores and {memory} GB. | It runs {system}. | It is {online}. | The load is {load}. | {memory} GB of memory. | {system} with {cores} cores.
# crop
: crop plant name : thing ; farm farmer grower : person ; harvest tons yield_tons : num 1 90 ; field plot : noun ; date harvested_on : date ; organic is_organic : bool organic/not organic
! This year we grew {crop}. | News from the farm: {crop}. | About the {crop}:
> {farm} brought in {harvest} tons. | From the field {field}. | Cut on {date}. | It is {organic}. | {harvest} tons by {farm}.
# song
: title song track : title ; artist singer band : person ; album record : title ; seconds duration length : int 60 500 ; year : int 1955 2024 ; live is_live : bool recorded live/recorded in a studio
! Now playing: {title} | {title} was on the radio. | I love {title}.
> {artist} sang it in {year}. | From the album {album}. | It lasts {seconds} seconds. | It was {live}. | By {artist}. | {year}, album {album}.
# complaint
: customer name client : person ; product item : thing ; problem issue : enum broken/late/missing/wrong color ; order order_id : id ; refund wants_refund : bool wants a refund/wants no refund ; days days_waiting : int 1 60
! {customer} is not happy. | A complaint by {customer}. | Mail from {customer}.
> The {product} is {problem}. | It was order {order}. | The customer {refund}. | Waiting for {days} days. | About {product}, order {order}.
# meeting
: topic subject title : phrase ; chair leader led_by : person ; date day : date ; start time start_time : time ; room place : noun ; attendees people participants : int 2 60 ; online is_online : bool online/in person
! Meeting about {topic}. | We will talk about {topic}. | Subject: {topic}
> {chair} leads it on {date}. | At {start} in the {room}. | {attendees} people come. | It is {online}. | Start {start}. | On {date} with {attendees} people. | The chair is {chair}.
# loan
: borrower client name : person ; bank lender : company ; amount sum loan : int 500 90000 ; rate interest interest_rate : num 1 12 ; months term duration : int 6 240 ; approved is_approved : bool approved/rejected
! {borrower} asked for a loan. | Loan file of {borrower}. | The client is {borrower}.
> {bank} lends {amount}. | At {rate} percent. | Over {months} months. | It was {approved}. | {amount} for {months} months. | The bank is {bank}.
# car
: model car name : noun ; brand make manufacturer : company ; year built model_year : int 1980 2024 ; mileage km kilometers : int 500 200000 ; fuel fuel_type : enum petrol/diesel/electric/hybrid ; price asking_price : int 900 60000 ; automatic is_automatic : bool automatic/manual
! For sale: {model}. | I sell my {model}. | A used {model}.
> By {brand}, built {year}. | It has run {mileage} km. | It drives on {fuel}. | I want {price} for it. | The gearbox is {automatic}. | {year}, {mileage} km, {fuel}. | {price} dollars. | Made by {brand}.
# planet
: name planet body : pseudo ; radius radius_km size : int 500 90000 ; moons moon_count : int 0 90 ; discovered year found_in : int 1600 2024 ; discoverer found_by : person ; habitable can_support_life : bool habitable/not habitable
! The planet {name}. | Far away lies {name}. | {name} is a world of its own.
> Its radius is {radius} km. | It has {moons} moons. | {discoverer} found it in {discovered}. | It is {habitable}. | Found in {discovered}. | {moons} moons, radius {radius}.
"""

ROWS = """
* people : name person : first ; age years : int 5 90 ; city town : city | {name} ({age}, {city}) | {name}, {age}, from {city} | {name} is {age} and lives in {city}
* items products : name item product : thing ; quantity count : int 1 40 ; price cost : num 1 90 | {quantity} {name} at {price} | {quantity} x {name} ({price}) | {quantity} {name} for {price} each
* players scores : name player : first ; points score : int 0 300 | {name} {points} | {name}: {points} points | {name} has {points}
* trips flights : origin from : city ; destination to : city ; date day : date | {origin} to {destination} on {date} | from {origin} to {destination}, {date}
* employees staff : name employee : person ; role job : job | {name}, {role} | {name} ({role}) | {name} works as a {role}
* events meetings : title event : event ; time start : time | {time} {title} | {title} at {time} | at {time}: {title}
* cities places : city name : city ; temperature degrees : int -10 40 | {city} {temperature} degrees | {city}: {temperature} | {temperature} degrees in {city}
* files documents : file name path : file ; size bytes : int 10 9000 | {file} ({size} bytes) | {file}: {size} | {file} with {size} bytes
* servers hosts : host name : noun ; status state : enum up/down/slow | {host} is {status} | {host}: {status} | {host} ({status})
* contacts entries : name person : first ; email mail : email | {name} <{email}> | {name}: {email} | {name} has the address {email}
* tasks todos : task title : event ; owner assignee : first ; done finished : bool done/not done | {task} ({owner}, {done}) | {owner}: {task}, {done} | {task} by {owner} is {done}
* stocks quotes : symbol ticker : ticker ; price value : num 2 600 | {symbol} {price} | {symbol}: {price} | {symbol} at {price}
* rooms spaces : room name : noun ; seats capacity : int 2 90 | {room} with {seats} seats | {room} ({seats}) | {room}: {seats}
* books titles : title book : title ; year published : int 1900 2024 | "{title}" ({year}) | {title}, {year} | {title} of {year}
* visits patients : patient name : person ; room : int 1 60 | {patient} in room {room} | {patient}: room {room} | room {room} {patient}
* plants crops : plant name : noun ; height size : int 2 300 | {plant} {height} cm | {plant}: {height} | a {plant} of {height} cm
"""
